"""Orders as the control API shows them to people: ids as text, money in fen."""

import msgspec

from installer.simulators.meituan.orders import CANCELLED, COMPLETED, CONFIRMED, PAID, Order, Refund
from installer.simulators.meituan.pushes import Push

STATES = {PAID: "paid", CONFIRMED: "confirmed", COMPLETED: "completed", CANCELLED: "cancelled"}
RIDES = {10: "rider assigned", 15: "rider at store", 20: "picked up", 40: "delivered"}


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    app_medicine_code: str
    name: str
    quantity: int
    refunded: int
    price_fen: int


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    refund_id: str
    part: bool
    open: bool
    res_type: int
    money_fen: int
    reason: str
    by_merchant: bool


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is the most telling of the facts below it."""

    order_id: str
    shop: str
    day: int
    day_seq: int
    state: str
    status: int
    received: bool
    picked: bool
    logistics_status: int
    push_answered: bool
    created_at: int
    delivery_time: int
    total_fen: int
    lines: list[LineView]
    refunds: list[RefundView]


class Caused(msgspec.Struct, frozen=True, kw_only=True):
    """What a control call did: the order as it is now, and the ids of the pushes it sent."""

    order: OrderView
    order_id: str
    day_seq: int
    pushes: list[int]
    refund_id: str = ""


def state(order: Order) -> str:
    if order.status != CONFIRMED:
        return STATES[order.status]
    return RIDES.get(order.rider.status) or ("picked" if order.picked_at else "confirmed")


def refund_view(refund: Refund) -> RefundView:
    return RefundView(
        refund_id=str(refund.refund_id),
        part=refund.part,
        open=refund.open,
        res_type=refund.res_type,
        money_fen=refund.money_fen,
        reason=refund.reason,
        by_merchant=refund.by_merchant,
    )


def order_view(order: Order) -> OrderView:
    return OrderView(
        order_id=str(order.order_id),
        shop=order.shop,
        day=order.day,
        day_seq=order.day_seq,
        state=state(order),
        status=order.status,
        received=bool(order.received_at),
        picked=bool(order.picked_at),
        logistics_status=order.rider.status,
        push_answered=order.push_answered,
        created_at=order.created_at,
        delivery_time=order.delivery_time,
        total_fen=order.total_fen,
        lines=[
            LineView(
                app_medicine_code=line.code,
                name=line.name,
                quantity=line.quantity,
                refunded=line.refunded,
                price_fen=line.price_fen,
            )
            for line in order.lines
        ],
        refunds=[refund_view(refund) for refund in order.refunds],
    )


def caused(order: Order, pushes: list[Push], refund: Refund | None = None) -> Caused:
    return Caused(
        order=order_view(order),
        order_id=str(order.order_id),
        day_seq=order.day_seq,
        pushes=[push.id for push in pushes],
        refund_id=str(refund.refund_id) if refund else "",
    )

"""Refunds: several per order, each under its own refund_id, asked by the customer or made by the merchant."""

from collections.abc import Sequence

from installer.simulators.meituan import news_wire
from installer.simulators.meituan.errors import PlatformError
from installer.simulators.meituan.orders import (
    CANCELLED,
    CONFIRMED,
    MERCHANT_AGREED,
    MERCHANT_REJECTED,
    PAID,
    WITHDRAWN,
    Order,
    Refund,
    RefundedGoods,
)
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.pushes import PLAIN, PushOptions
from installer.simulators.meituan.wishes import RefundLine, RefundRequest

REFUSED = (1, 3)
FULL_REFUNDED, PART_REFUNDED = 3, 13
"""`refund_status` of the money push; 4 and 14 are its failures."""


class Refunds:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def ask(self, order: Order, wish: RefundRequest) -> Refund:
        """By the customer, also after the order was completed; one at a time may be open."""
        self._require(order, order.status != CANCELLED, "the order is cancelled")
        self._require(order, order.open_refund is None, "another refund is open")
        refund = self._new(order, wish.lines, wish.reason)
        refund.appeal = wish.appeal
        order.refunds.append(refund)
        await self._tell(order, refund, "part" if refund.part else "apply", wish)
        return refund

    async def settle(self, order: Order, refund: Refund, res_type: int, options: PushOptions = PLAIN) -> None:
        """End an open refund: its `res_type` says who decided what."""
        self._require(order, refund.open, f"refund {refund.refund_id} was settled with {refund.res_type}")
        refund.res_type = res_type
        if res_type == WITHDRAWN:
            await self._tell(order, refund, "cancelRefund", options)
        elif res_type in REFUSED:
            await self._tell(order, refund, "reject", options)
        else:
            await self._tell(order, refund, "agree", options)
            await self._pay(order, refund)

    async def decide(self, order: Order, *, agree: bool) -> None:
        """The merchant's word on the refund that is open."""
        refund = order.open_refund
        if refund is None or refund.appeal:
            raise PlatformError(808, f"order {order.order_id}: no refund for the merchant to decide")
        await self.settle(order, refund, MERCHANT_AGREED if agree else MERCHANT_REJECTED)

    async def make_part(self, order: Order, lines: Sequence[RefundLine], reason: str) -> Refund:
        """By the merchant (order/applyPartRefund): agreed as it is made."""
        self._require(order, order.status != CANCELLED, "the order is cancelled")
        self._require(order, order.open_refund is None, "the customer's refund is open")
        refund = self._new(order, lines, reason)
        refund.by_merchant, refund.res_type = True, MERCHANT_AGREED
        order.refunds.append(refund)
        await self._tell(order, refund, "agree", PLAIN)
        await self._pay(order, refund)
        return refund

    def _new(self, order: Order, lines: Sequence[RefundLine], reason: str) -> Refund:
        wanted = [self._goods(order, line) for line in lines]
        whole = [RefundedGoods(line, line.refundable) for line in order.lines if line.refundable]
        goods = tuple(wanted or whole)
        self._require(order, bool(goods), "everything was refunded before")
        codes = [each.line.code for each in goods]
        if lines and len(set(codes)) != len(codes):
            raise PlatformError(705, f"order {order.order_id}: a product is named twice")
        goods_fen = sum(each.line.price_fen * each.quantity for each in goods)
        shipping_fen = 0 if lines else order.shipping_fen - order.shipping_discount_fen
        return Refund(
            refund_id=self._platform.orders.next_id(),
            part=bool(lines),
            goods=goods,
            money_fen=goods_fen + shipping_fen,
            reason=reason,
            created_at=self._platform.now(),
        )

    def _goods(self, order: Order, wish: RefundLine) -> RefundedGoods:
        line = next((line for line in order.lines if line.code == wish.app_medicine_code), None)
        if line is None:
            raise PlatformError(3004, f"order {order.order_id} has no line {wish.app_medicine_code}")
        left = line.refundable
        self._require(order, wish.quantity <= left, f"{line.code}: {left} left to refund")
        return RefundedGoods(line, wish.quantity)

    async def _tell(self, order: Order, refund: Refund, notify_type: str, options: PushOptions) -> None:
        kind = "part_refund" if refund.part else "refund"
        await self._platform.tell(kind, news_wire.refund_fields(order, refund, notify_type), options)

    async def _pay(self, order: Order, refund: Refund) -> None:
        """The money is back at once; a full refund ends an order that was still running."""
        now = self._platform.now()
        for goods in refund.goods:
            goods.line.refunded += goods.quantity
        if not refund.part and order.status in (PAID, CONFIRMED):
            order.cancel(now)
        status = PART_REFUNDED if refund.part else FULL_REFUNDED
        await self._platform.tell(
            "refund_status", news_wire.refund_status_fields(order, refund, status=status, now=now)
        )

    def _require(self, order: Order, allowed: bool, why: str) -> None:
        if not allowed:
            raise PlatformError(808, f"order {order.order_id}: {why}")

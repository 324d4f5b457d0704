"""The end of a pick: whole, nothing of it waiting for a person; its codes are sold, and the hub is told."""

from agent import orders, outbox, picks, settling, stock
from agent.documents.wanting import want_customer_copy
from agent.errors import NotNow
from agent.transactions import Reading, Transaction
from domain.operations import PickCompleted
from domain.orders import OPEN, Order, OrderState, progress
from domain.picks import Pick, PickState


def complete(tx: Transaction, order_id: str) -> None:
    """Raises NotNow with what is still to do."""
    pick, order = picks.load(tx, order_id), orders.get(tx, order_id)
    if pick.state in (PickState.PACKED, PickState.HANDED_OVER):
        return
    if pick.state is not PickState.PICKING or order.state not in OPEN:
        raise NotNow(_why_not(pick))
    if (obstacle := _obstacle(tx, order, pick)) is not None:
        raise NotNow(obstacle)
    picks.advance(tx, picks.advance(tx, pick, PickState.CHECKED), PickState.PACKED)
    picks.sell(tx, pick)
    for line in order.lines:
        stock.take(tx, line.sku, pick.picked(line.line_id))
    orders.set_state(tx, order_id, progress(order.state, OrderState.PICKED))
    outbox.put(tx, PickCompleted(order_id, pick.bindings), order_id)
    want_customer_copy(tx, order_id)


def may_complete(reading: Reading, pick: Pick) -> bool:
    """Whether the pick, as it would be now, is done."""
    order = orders.get(reading, pick.order_id)
    return pick.state is PickState.PICKING and order.state in OPEN and _obstacle(reading, order, pick) is None


def _obstacle(reading: Reading, order: Order, pick: Pick) -> str | None:
    unsettled = [line.name for line in order.lines if settling.needed(reading, order.order_id, line)]
    if unsettled:
        return f"请先处理异常：{'、'.join(unsettled)}"
    if surplus := pick.surplus():
        names = [line.name for line in order.lines if line.line_id in surplus]
        return f"请先放回多拿的商品：{'、'.join(names)}"
    missing = [line.name for line in order.lines if pick.missing(line) > 0]
    return f"还没有拣齐：{'、'.join(missing)}" if missing else None


def _why_not(pick: Pick) -> str:
    match pick.state:
        case PickState.PAUSED:
            return "顾客申请退款，请先处理"
        case PickState.STOPPED:
            return "订单已取消，停止拣货"
        case _:
            return "本单不在拣货中"

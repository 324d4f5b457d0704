"""What a clerk does with an order: accept, pick, hand over. Plain steps in one transaction each, with their word to
the hub; they work alike with the hub gone for days.

Every step that may not be now raises WorkRefused with the sentence the clerk reads. A scan raises nothing: it always
has a verdict, and that is on the disk before anybody hears it.
"""

import msgspec

from agent import announcements, judging, names, order_slips, orders, outbox, picks, settling
from agent.completing import complete
from agent.errors import NotNow
from agent.judging import PAGE, Scanned, scan
from agent.transactions import Transaction
from agent.trial import refuse_on_trial
from domain.operations import AcceptOrder, OrderHandedOver
from domain.orders import IllegalMove, Order, OrderState, move
from domain.picks import Binding, Pick, PickState
from domain.quantity import ONE

__all__ = [
    "PAGE",
    "Scanned",
    "accept",
    "complete",
    "hand_over",
    "scan",
    "start",
    "take_by_hand",
    "undo",
]


def accept(tx: Transaction, order_id: str) -> None:
    """The clerk's 接单. Pressed twice, or already done elsewhere, it changes nothing."""
    order = orders.get(tx, order_id)
    if order.state is OrderState.ACCEPTED:
        return
    announcements.seen(tx, order_id)
    refuse_on_trial(tx)
    _step(tx, order, OrderState.ACCEPTED)
    outbox.put(tx, AcceptOrder(order_id), order_id)
    order_slips.want_picking(tx, msgspec.structs.replace(order, state=OrderState.ACCEPTED))


def start(tx: Transaction, order_id: str, device: str = PAGE) -> Pick:
    """Opens the pick at this device, and starts it if nobody has."""
    return judging.start(tx, orders.get(tx, order_id), device)


def undo(tx: Transaction, order_id: str, line_id: int | None = None) -> None:
    """The last pack, of that line if one is named, goes back to the shelf."""
    pick = picks.load(tx, order_id)
    if pick.state not in (PickState.PICKING, PickState.PAUSED):
        raise NotNow("本单不在拣货中")
    if not picks.release_last(tx, order_id, line_id):
        raise NotNow("没有可以撤销的商品")


def take_by_hand(tx: Transaction, order_id: str, line_id: int, note: str) -> None:
    """One pack of a product nobody taught us (商品未建档): no code leads to it, the clerk's word and name for it do."""
    pick = picks.load(tx, order_id)
    line = next((line for line in pick.lines if line.line_id == line_id), None)
    if pick.state is not PickState.PICKING:
        raise NotNow("本单不在拣货中")
    if line is None or line.sku is not None:
        raise NotNow("请扫描药盒上的追溯码或商品条码")
    if settling.needed(tx, order_id, line):
        raise NotNow("商品未建档，请先处理异常")
    if pick.missing(line) < ONE:
        raise NotNow(f"{line.name} 数量已够，请勿多拿")
    picks.bind(tx, order_id, Binding(line_id, None, ONE), scan_id=None, note=note)


def hand_over(tx: Transaction, order_id: str) -> None:
    """The rider or the customer has it."""
    order = orders.get(tx, order_id)
    if order.state is OrderState.HANDED_OVER:
        return
    pick = picks.load(tx, order_id)
    if pick.state is not PickState.PACKED:
        raise NotNow("还没有拣货完成，不能交接")
    announcements.seen(tx, order_id)
    _step(tx, order, OrderState.HANDED_OVER)
    picks.advance(tx, pick, PickState.HANDED_OVER)
    outbox.put(tx, OrderHandedOver(order_id), order_id)


def _step(tx: Transaction, order: Order, wanted: OrderState) -> None:
    try:
        orders.set_state(tx, order.order_id, move(order.state, wanted))
    except IllegalMove as error:
        raise NotNow(f"订单{names.STATES[order.state]}，不能这样操作") from error

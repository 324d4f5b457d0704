"""What a clerk does with an order: accept, begin, take back, hand over. Plain steps in one transaction each, with their
word to the hub; they work alike with the hub gone for days.

Every step that may not be now raises WorkRefused with the sentence the clerk reads. A scan raises nothing: it always
has a verdict, and that is on the disk before anybody hears it.
"""

import msgspec

from agent import announcements, completing, names, order_slips, orders, outbox, picks, prescriptions, settling, trail
from agent.catalogue import Lookup
from agent.errors import NotNow
from agent.picking import asks, code_lots, desks, holding
from agent.picking.refusals import Forbidden
from agent.picking.terms import terms
from agent.staff.stations import PAGE
from agent.transactions import Transaction
from agent.trial import refuse_on_trial
from domain.operations import AcceptOrder, OrderHandedOver
from domain.orders import IllegalMove, Order, OrderState, move
from domain.picks import Binding, Entry, Pick, PickState
from domain.quantity import ONE
from domain.rules import VERSION, may_hand_over
from domain.staff import Actor
from domain.trail import StepKind

AT_PAGE = Actor(PAGE)
"""Nobody in particular, at a page that does not say which it is."""


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


def start(tx: Transaction, order_id: str, lookup: Lookup, actor: Actor = AT_PAGE) -> Pick:
    """Opens the pick at this station, and starts it if nobody has."""
    return holding.start(tx, orders.get(tx, order_id), actor, lookup)


def undo(tx: Transaction, order_id: str, line_id: int | None = None, actor: Actor = AT_PAGE) -> Binding | None:
    """The last pack, of that line if one is named, goes back to the shelf. A question that waits at this station is
    dropped first, with the pack it was about: then nothing lay in the bag yet, and None is returned."""
    holding.require(tx, order_id, actor.station)
    pick = picks.load(tx, order_id)
    if pick.state not in (PickState.PICKING, PickState.PAUSED):
        raise NotNow("本单不在拣货中")
    waiting = asks.at(tx, desks.holder(tx, actor.station))
    if waiting is not None and waiting.order_id == order_id and line_id is None:
        asks.drop(tx, waiting.station)
        trail.record(tx, order_id, StepKind.UNDONE, actor, ask=waiting.kind, scan_id=waiting.scan_id)
        return None
    binding = picks.release_last(tx, order_id, line_id)
    if binding is None:
        raise NotNow("没有可以撤销的商品")
    if binding.code is not None:
        code_lots.unsay(tx, binding.code)
    trail.record(tx, order_id, StepKind.UNDONE, actor, line_id=binding.line_id, code=binding.code or "")
    return binding


def take_by_hand(tx: Transaction, order_id: str, line_id: int, note: str, actor: Actor = AT_PAGE) -> None:
    """One pack of a product nobody taught us (商品未建档): no code leads to it, the clerk's word and name for it do."""
    holding.require(tx, order_id, actor.station)
    pick = picks.load(tx, order_id)
    line = next((line for line in pick.lines if line.line_id == line_id), None)
    if pick.state is not PickState.PICKING:
        raise NotNow("本单不在拣货中")
    if line is None or line.sku is not None:
        raise NotNow("请扫描药盒上的追溯码或商品条码")
    if not (gate := prescriptions.gate(tx, order_id, actor.staff_id)).open:
        raise NotNow(gate.sentence)
    if settling.needed(tx, order_id, line):
        raise NotNow("商品未建档，请先处理异常")
    if pick.missing(line) < ONE:
        raise NotNow(f"{line.name} 数量已够，请勿多拿")
    binding = Binding(line_id, None, ONE, entry=Entry.BY_HAND, staff_id=actor.staff_id)
    picks.bind(tx, order_id, binding, scan_id=None, note=note)
    trail.record(tx, order_id, StepKind.TAKEN_BY_HAND, actor, line_id=line_id, noted=bool(note))


def complete(tx: Transaction, order_id: str, lookup: Lookup, actor: Actor = AT_PAGE) -> None:
    """Packs it. Raises NotNow with what is still to do."""
    holding.require(tx, order_id, actor.station)
    completing.complete(tx, order_id, lookup, actor)


def hand_over(tx: Transaction, order_id: str, lookup: Lookup, actor: Actor = AT_PAGE, *, boxed: bool = False) -> None:
    """The rider or the customer has it. `boxed`: somebody said that the cold goods are in their box."""
    order = orders.get(tx, order_id)
    if order.state is OrderState.HANDED_OVER:
        return
    pick = picks.load(tx, order_id)
    if obstacles := may_hand_over(pick, terms(tx, order, lookup), boxed=boxed):
        raise Forbidden(obstacles)
    announcements.seen(tx, order_id)
    _step(tx, order, OrderState.HANDED_OVER)
    picks.advance(tx, pick, PickState.HANDED_OVER)
    trail.record(tx, order_id, StepKind.HANDED_OVER, actor, rules=VERSION, boxed=boxed)
    outbox.put(tx, OrderHandedOver(order_id), order_id)


def _step(tx: Transaction, order: Order, wanted: OrderState) -> None:
    try:
        orders.set_state(tx, order.order_id, move(order.state, wanted))
    except IllegalMove as error:
        raise NotNow(f"订单{names.STATES[order.state]}，不能这样操作") from error

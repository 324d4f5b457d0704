"""The end of a pick: whole, nothing of it waiting for a person; its codes are sold, and the hub is told."""

from agent import orders, outbox, picks, settling, stock, trail
from agent.catalogue import Lookup
from agent.documents.wanting import want_customer_copy
from agent.erp import writing
from agent.lots import keeping
from agent.picking import asks, opened
from agent.picking.refusals import Forbidden
from agent.picking.terms import terms
from agent.transactions import Reading, Transaction
from domain.operations import PickCompleted
from domain.orders import OPEN, OrderState, progress
from domain.picks import Pick, PickState
from domain.rules import VERSION, Obstacle, Rule, Terms, book, may_pack
from domain.staff import Actor
from domain.trail import StepKind


def complete(tx: Transaction, order_id: str, lookup: Lookup, actor: Actor, checker: Actor | None = None) -> None:
    """`checker` looked at it all, where the chain wants a second person. Raises Forbidden with what is still to do."""
    pick, order = picks.load(tx, order_id), orders.get(tx, order_id)
    if pick.state in (PickState.PACKED, PickState.HANDED_OVER):
        return
    if found := obstacles(tx, pick, terms(tx, order, lookup), checked_by=checker.staff_id if checker else ""):
        raise Forbidden(found)
    pick = picks.advance(tx, pick, PickState.CHECKED)
    if checker is not None:
        opened.checked(tx, order_id, checker.staff_id)
        trail.record(tx, order_id, StepKind.CHECKED, checker, rules=VERSION)
    picks.advance(tx, pick, PickState.PACKED)
    picks.sell(tx, pick)
    for line in order.lines:
        stock.take(tx, line.sku, pick.picked(line.line_id))
        keeping.take(tx, line.sku, (each for each in pick.bindings if each.line_id == line.line_id))
    orders.set_state(tx, order_id, progress(order.state, OrderState.PICKED))
    outbox.put(tx, PickCompleted(order_id, pick.bindings), order_id)
    writing.packed(tx, order, pick, actor.staff_id)
    trail.record(tx, order_id, StepKind.PACKED, actor, rules=VERSION, packs=len(pick.bindings))
    want_customer_copy(tx, order_id)


def obstacles(reading: Reading, pick: Pick, by: Terms, *, checked_by: str = "") -> list[Obstacle]:
    """What stands in the way of packing the pick as it is, or as it would be now."""
    order_id = pick.order_id
    if orders.get(reading, order_id).state not in OPEN and pick.state is not PickState.STOPPED:
        return [book.obstacle(Rule.NOT_PICKING)]
    return may_pack(
        pick,
        by,
        unsettled=frozenset(line.line_id for line in pick.lines if settling.needed(reading, order_id, line)),
        asked=bool(asks.of_order(reading, order_id)),
        checked_by=checked_by,
    )

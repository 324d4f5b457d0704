"""The second pair of eyes (复核), where the chain wants it: somebody else than those who picked."""

from agent import completing, orders, picks
from agent.catalogue import Lookup
from agent.picking import holding
from agent.picking.refusals import Forbidden
from agent.picking.terms import terms
from agent.transactions import Reading, Transaction
from domain.picks import PickState
from domain.rules import Rule, may_check
from domain.staff import Actor, Staff


def check(tx: Transaction, order_id: str, checker: Staff, actor: Actor, lookup: Lookup) -> None:
    """`checker` has just proven who they are. What they checked is packed. Raises Forbidden."""
    who = Actor(actor.station, checker.staff_id, checker.name, checker.roles)
    if picks.load(tx, order_id).state is PickState.PICKING and (
        found := may_check(who, holding.picked_by(tx, order_id))
    ):
        raise Forbidden(found)
    completing.complete(tx, order_id, lookup, actor, who)


def may_be_checked_by(reading: Reading, order_id: str, checker: Actor, lookup: Lookup) -> bool:
    """All that is wanted is a check, and this person may give it."""
    order, pick = orders.get(reading, order_id), picks.load(reading, order_id)
    left = completing.obstacles(reading, pick, terms(reading, order, lookup))
    wanted = [each.rule for each in left] == [Rule.CHECK_WANTED]
    return wanted and not may_check(checker, holding.picked_by(reading, order_id))

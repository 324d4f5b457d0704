"""Stock of one lot: what may still be done with it once it is expired, recalled or stopped (facts/compliance.md §6)."""

from collections.abc import Sequence
from datetime import date

from domain.lots import Lot
from domain.operations import MoveKind
from domain.quantity import Quantity, shown
from domain.recalls import Recall
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.ids import Rule

ALWAYS = frozenset(
    {MoveKind.COUNT, MoveKind.DAMAGE, MoveKind.DESTROY, MoveKind.RETURN_TO_SUPPLIER, MoveKind.QUARANTINE}
)
"""What neither expiry nor recall forbids: saying what is there, and taking it away from customers."""


def may_move(
    kind: MoveKind, sku: str, lot: Lot, delta: Quantity, *, today: date, recalls: Sequence[Recall] = ()
) -> list[Obstacle]:
    """`delta` is what the lot grows by; what leaves is negative."""
    found = []
    if -delta > lot.quantity:
        found.append(obstacle(Rule.MOVE_TOO_MUCH, lot=lot.lot, count=shown(lot.quantity)))
    if kind not in ALWAYS:
        if today > lot.expiry:
            found.append(obstacle(Rule.MOVE_EXPIRED, lot=lot.lot))
        if any(recall.hits(sku, lot.lot) for recall in recalls):
            found.append(obstacle(Rule.MOVE_RECALLED, lot=lot.lot))
    return found

"""Picking one order: what lies in its bag, and how its state may move (design.md §8). `domain.rules` judges."""

from datetime import date
from enum import StrEnum

import msgspec

from domain.lots import LotSource
from domain.orders import OrderLine
from domain.policy import Waiver
from domain.quantity import Quantity


class PickState(StrEnum):
    ASSIGNED = "assigned"
    """To be picked by this store; nobody has begun, or whoever had gave it back."""
    PICKING = "picking"
    PAUSED = "paused"
    CHECKED = "checked"
    """What lies there is what was ordered: by the rules, and by a second person where the chain wants one."""
    PACKED = "packed"
    """In the bag: its codes are sold and headquarters is told."""
    HANDED_OVER = "handed_over"
    STOPPED = "stopped"


MOVES: dict[PickState, frozenset[PickState]] = {
    PickState.ASSIGNED: frozenset({PickState.PICKING, PickState.PAUSED, PickState.STOPPED}),
    PickState.PICKING: frozenset({PickState.ASSIGNED, PickState.PAUSED, PickState.CHECKED, PickState.STOPPED}),
    PickState.PAUSED: frozenset({PickState.ASSIGNED, PickState.PICKING, PickState.STOPPED}),
    PickState.CHECKED: frozenset({PickState.PICKING, PickState.PAUSED, PickState.PACKED, PickState.STOPPED}),
    PickState.PACKED: frozenset({PickState.HANDED_OVER, PickState.STOPPED}),
    PickState.HANDED_OVER: frozenset({PickState.STOPPED}),
    PickState.STOPPED: frozenset(),
}
TO_BE_PACKED = (PickState.ASSIGNED, PickState.PICKING, PickState.PAUSED, PickState.CHECKED)


class IllegalPickMove(ValueError):
    """Somebody asked for a step that the table does not have."""

    def __init__(self, current: PickState, wanted: PickState) -> None:
        super().__init__(f"a pick that is {current} cannot become {wanted}")
        self.current, self.wanted = current, wanted


def move(current: PickState, wanted: PickState) -> PickState:
    """Raises `IllegalPickMove`."""
    if wanted not in MOVES[current]:
        raise IllegalPickMove(current, wanted)
    return wanted


class Entry(StrEnum):
    """How a pack came onto its line."""

    SCANNED = "scanned"
    TYPED = "typed"
    """Its code was typed by hand, twice: it has no public check digit (facts/compliance.md R12)."""
    WAIVED = "waived"
    """No readable code; `Binding.waiver` says why."""
    BY_HAND = "by_hand"
    """A product nobody taught us: the clerk's word for it."""


class Binding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One pack put to one line. `code` is None where the pack was known by its product barcode only."""

    line_id: int
    code: str | None
    quantity: Quantity
    lot: str | None = None
    lot_source: LotSource | None = None
    """None with a lot of None: nobody said. A proposal is never stored as a fact."""
    expiry: date | None = None
    month_only: bool = False
    entry: Entry = Entry.SCANNED
    waiver: Waiver | None = None
    photo: str = ""
    """Digest of the blob that shows a waived pack."""
    opened: bool = False
    """A part of an opened pack (拆零): its code may be bound again until it is empty."""
    staff_id: str = ""


class Pick(msgspec.Struct, frozen=True):
    """The work of collecting one order."""

    order_id: str
    state: PickState
    lines: tuple[OrderLine, ...]
    bindings: tuple[Binding, ...] = ()

    def picked(self, line_id: int) -> Quantity:
        return sum(binding.quantity for binding in self.bindings if binding.line_id == line_id)

    def missing(self, line: OrderLine) -> Quantity:
        return max(line.wanted - self.picked(line.line_id), 0)

    def surplus(self) -> dict[int, Quantity]:
        """Packs to put back, by line: a line was struck after it was picked."""
        over = {line.line_id: self.picked(line.line_id) - line.wanted for line in self.lines}
        return {line_id: quantity for line_id, quantity in over.items() if quantity > 0}

    @property
    def whole(self) -> bool:
        """Every line has what it wants, no more and no less."""
        return not self.surplus() and all(self.missing(line) == 0 for line in self.lines)

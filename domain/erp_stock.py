"""How much of a product may be sold after the ERP counted: one rule for store, hub and headquarters' connector.

    what the count says
    + what our documents did that it does not contain
    + what the ERP itself booked since (counter sales, receipts that we heard of)

A count that is not newer than the last one of a product changes nothing, and one that does not say what it contains
only ever lowers: no sold stock comes back to life (facts/oms.md §2, §11).
"""

from collections.abc import Iterable

import msgspec

from domain.erp import Sequence
from domain.quantity import Quantity


class Effect(msgspec.Struct, frozen=True):
    """What one of our documents did to one product. `refused`: no count contains it, whatever its number."""

    number: int
    delta: Quantity
    refused: bool = False


class Booking(msgspec.Struct, frozen=True):
    """What one of the ERP's own bookings did to one product."""

    sequence: Sequence
    delta: Quantity


_MOMENTS = range(10**12, 10**13)
"""Times in milliseconds (2001 to 2286); journal numbers are seldom of this size."""
Mark = tuple[Sequence, int]
"""How far a count went: its `as_of`, and the number of our documents that it contains (-1: it cannot say)."""


def mark(as_of: Sequence, contains: int | None) -> Mark:
    return as_of, -1 if contains is None else contains


def is_newer(count: Mark, last: Mark | None) -> bool:
    """Whether the count is newer than the product's last one. Also True where the two cannot be compared (one bears a
    time, the other a number): then somebody has mended the mapping, and the new kind of mark counts."""
    return last is None or count > last or not same_order(count[0], last[0])


def corrects(count: Mark, said: Quantity, last: Mark, last_said: Quantity) -> bool:
    """Whether a count with the same mark as the last one may still lower the level. Of two tills the one with the lower
    number may have committed later: the count that was thought to include both sales did not."""
    return count == last and said < last_said


def is_contained(booking: Booking, as_of: Sequence | None) -> bool:
    """Whether the product's last count, with this `as_of`, includes the booking; None: there was no count."""
    return as_of is not None and same_order(booking.sequence, as_of) and booking.sequence < as_of


def is_over(booking: Booking, as_of: Sequence) -> bool:
    """Whether a booking need not be kept after a count with this `as_of`: the count includes it, or the two cannot be
    compared and no count ever will."""
    return not same_order(booking.sequence, as_of) or is_contained(booking, as_of)


def is_moment(sequence: Sequence) -> bool:
    return sequence in _MOMENTS


def same_order(one: Sequence, other: Sequence) -> bool:
    """Whether two marks can be compared: both are times, or both numbers of a journal."""
    return is_moment(one) == is_moment(other)


def unbooked(effects: Iterable[Effect], contains: int) -> Quantity:
    """What our documents changed that a count up to number `contains` does not include. A refused document is in no
    count; one that raised stock raises none, as often the ERP had booked the same by itself."""
    known = list(effects)
    refused = sum(min(effect.delta, 0) for effect in known if effect.refused)
    return refused + sum(effect.delta for effect in known if not effect.refused and effect.number > contains)


def on_hand(
    said: Quantity, *, contains: int, as_of: Sequence, effects: Iterable[Effect], bookings: Iterable[Booking]
) -> Quantity:
    """What may be sold; below nothing where more left the shelf than the ERP ever had."""
    since = sum(booking.delta for booking in bookings if not is_contained(booking, as_of))
    return said + unbooked(effects, contains) + since


def after_count(
    said: Quantity,
    before: Quantity,
    *,
    contains: int | None,
    as_of: Sequence,
    effects: Iterable[Effect],
    bookings: Iterable[Booking],
    only_down: bool = False,
) -> Quantity:
    """What is on hand after a count that is newer than the last; `before` is what was thought. `only_down`: something
    that the count did not know of overtook it."""
    found = on_hand(said, contains=contains or 0, as_of=as_of, effects=effects, bookings=bookings)
    return min(found, before) if only_down or contains is None else found

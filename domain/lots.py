"""Lots (批号) and which to take first: the nearest expiry that has not passed (facts/compliance.md §7 R8)."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.quantity import Quantity


class Lot(msgspec.Struct, frozen=True):
    """One lot of one SKU in one store; `expiry` is the last day on which it may be sold."""

    lot: str
    expiry: date
    quantity: Quantity
    produced: date | None = None


def suggest(lots: Iterable[Lot], today: date) -> Lot | None:
    """A proposal for the picker, never stored as a fact: what was scanned or read decides."""
    sellable = [lot for lot in lots if lot.quantity > 0 and lot.expiry >= today]
    return min(sellable, key=lambda lot: (lot.expiry, lot.lot), default=None)

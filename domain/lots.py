"""Lots (批号) and which to take first: the nearest expiry that has not passed (facts/compliance.md §7 R8)."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from domain.quantity import Quantity


class LotSource(StrEnum):
    """Who says which lot a pack is of; a proposal is no source (design.md §8)."""

    RECEIVED = "received"
    """This very code was received with it."""
    BILL = "bill"
    """The supplier's bill names the code with it."""
    GS1 = "gs1"
    """AI (10) on the pack."""
    CLERK = "clerk"
    """Somebody read it on the pack and said so."""


class Lot(msgspec.Struct, frozen=True):
    """One lot of one SKU in one store; `expiry` is the last day on which it may be sold."""

    lot: str
    expiry: date
    quantity: Quantity
    produced: date | None = None
    month_only: bool = False
    """The pack tells the month only (有效期至 2028年06月); `expiry` is that month's last day."""
    shelf: str = ""
    """Where this lot lies, if not where its product does."""


class KnownLot(msgspec.Struct, frozen=True):
    """The lot of one pack, and who says so."""

    lot: str
    source: LotSource
    expiry: date | None = None
    produced: date | None = None
    month_only: bool = False


def suggest(lots: Iterable[Lot], today: date) -> Lot | None:
    """A proposal for the picker, never stored as a fact: what was scanned or read decides."""
    sellable = [lot for lot in lots if lot.quantity > 0 and lot.expiry >= today]
    return min(sellable, key=lambda lot: (lot.expiry, lot.lot), default=None)

"""Lots (批号) and which to take first: the nearest expiry that has not passed (facts/compliance.md §7 R8)."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

import msgspec

from domain.quantity import Quantity
from domain.times import Millis


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
    received_at: Millis = 0
    """When it first came; 0: nobody knows. Of lots with one expiry the one that came first goes first."""


class KnownLot(msgspec.Struct, frozen=True):
    """The lot of one pack, and who says so."""

    lot: str
    source: LotSource
    expiry: date | None = None
    produced: date | None = None
    month_only: bool = False


def same_lot(one: str, other: str) -> bool:
    """Compared without case: a scanner behind CapsLock turns it round (facts/compliance.md §3.2)."""
    return one.strip().casefold() == other.strip().casefold()


def same_expiry(one: date, one_month: bool, other: date, other_month: bool) -> bool:
    """A month agrees with every day in it: one bill says 2028-06, the pack 2028-06-15."""
    if one_month or other_month:
        return (one.year, one.month) == (other.year, other.month)
    return one == other


def suggest(lots: Iterable[Lot], today: date) -> Lot | None:
    """A proposal for the picker, never stored as a fact: what was scanned or read decides."""
    return next(iter(in_order(lots, today)), None)


def in_order(lots: Iterable[Lot], today: date, *, stops_days: int = 0, barred: Iterable[str] = ()) -> tuple[Lot, ...]:
    """What may be sold today, nearest expiry first. `stops_days` is how many days a pack must still be good for,
    `barred` are lots that are recalled."""
    kept = [
        lot
        for lot in lots
        if lot.quantity > 0
        and (lot.expiry - today).days >= max(stops_days, 0)
        and not any(same_lot(lot.lot, each) for each in barred)
    ]
    return tuple(sorted(kept, key=lambda lot: (lot.expiry, lot.received_at, lot.lot)))


def propose(
    lots: Iterable[Lot],
    wanted: Quantity,
    today: date,
    *,
    stops_days: int = 0,
    barred: Iterable[str] = (),
    taken: Mapping[str, Quantity] | None = None,
) -> tuple[tuple[Lot, Quantity], ...]:
    """Which lots to take, and how much of each; less than wanted where there is not enough. `taken` is what lies in
    this order's bag already, by lot."""
    used = dict(taken or {})
    found = []
    for lot in in_order(lots, today, stops_days=stops_days, barred=tuple(barred)):
        spent = min(used.get(lot.lot, 0), lot.quantity)
        used[lot.lot] = used.get(lot.lot, 0) - spent
        amount = min(lot.quantity - spent, wanted)
        if amount > 0:
            found.append((lot, amount))
            wanted -= amount
    return tuple(found)

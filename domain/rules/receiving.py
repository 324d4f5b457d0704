"""Goods that come in: whether this pack may, and whether a line of them can be written down (R4, R5, R7, R8)."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from domain.codes import Gs1Code, PackCode
from domain.lots import KnownLot, Lot, LotSource
from domain.quantity import Quantity
from domain.recalls import Recall
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.families.lots import disagreement
from domain.rules.families.products import EACH
from domain.rules.ids import Rule

LONGEST_LIFE_MONTHS = 120


class KnownPack(msgspec.Struct, frozen=True):
    """What the store knows of one code before it comes in."""

    here: bool = False
    """In this receipt or an earlier one."""
    used: bool = False
    """Sold, in a bag, opened or brought back."""


class Arrival(msgspec.Struct, frozen=True):
    """One line of goods as somebody entered it. `codes` are how many packs of it were scanned one by one."""

    sku: str
    name: str
    quantity: Quantity
    least: Quantity = 0
    """What its scanned codes alone make up."""
    codes: int = 0
    lot: str = ""
    expiry: date | None = None
    produced: date | None = None
    month_only: bool = False


def may_arrive(code: PackCode, known: KnownPack) -> Obstacle | None:
    """One code, before it is noted. Only smallest packs come in one by one: a case's code would be sold by nobody."""
    if isinstance(code, Gs1Code) and code.gtin[0] not in EACH:
        return obstacle(Rule.LEVEL)
    if known.here:
        return obstacle(Rule.RECEIVED_BEFORE)
    return obstacle(Rule.RECEIVED_SOLD) if known.used else None


def may_receive(line: Arrival, stock: Sequence[Lot], *, today: date, recalls: Sequence[Recall] = ()) -> list[Obstacle]:
    """Why a line cannot be written down as it is. A lot that is known under another day is a hard stop."""
    found = []
    if line.quantity <= 0 or line.quantity < line.least:
        found.append(_about(line, Rule.RECEIVED_COUNT))
    if not line.lot or line.expiry is None or line.produced is None:
        return [*found, _about(line, Rule.RECEIVED_LOT_WANTED)]
    if line.produced > today or line.produced >= line.expiry:
        found.append(_about(line, Rule.RECEIVED_DATES))
    if today > line.expiry:
        found.append(_about(line, Rule.RECEIVED_EXPIRED))
    if any(recall.hits(line.sku, line.lot) for recall in recalls):
        found.append(_about(line, Rule.RECEIVED_RECALLED))
    said = KnownLot(line.lot, LotSource.RECEIVED, line.expiry, line.produced, line.month_only)
    if (conflict := disagreement(said, stock)) is not None:
        found.append(obstacle(Rule.RECEIVED_LOT_CONFLICT, (), ask=None, **conflict.said))
    return found


def _about(line: Arrival, rule: Rule) -> Obstacle:
    return obstacle(rule, name=line.name, lot=line.lot, count=line.codes)


def odd_dates(line: Arrival) -> Obstacle | None:
    """A warning: no life in whole months leads from the one day to the other. 码上放心 takes a day as far on, the day
    before, the last day of the month before, or the last day of that month (facts/compliance.md §1.2)."""
    if line.month_only or line.expiry is None or line.produced is None or line.expiry <= line.produced:
        return None
    if any(line.expiry in _ends(line.produced, months) for months in range(1, LONGEST_LIFE_MONTHS + 1)):
        return None
    return obstacle(Rule.RECEIVED_DATES_ODD, lot=line.lot)


def _ends(produced: date, months: int) -> tuple[date, ...]:
    year, month = divmod(produced.year * 12 + produced.month - 1 + months, 12)
    first, last = date(year, month + 1, 1), monthrange(year, month + 1)[1]
    same = first.replace(day=min(produced.day, last))
    return same, same - timedelta(days=1), first - timedelta(days=1), first.replace(day=last)

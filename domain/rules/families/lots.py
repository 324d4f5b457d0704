"""Lots and their last day (R7, R8, R9): of a pack just scanned, and again of what lies in the bag."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from domain.lots import KnownLot, Lot, in_order, same_expiry, same_lot
from domain.products import Product
from domain.recalls import Recall, RecallKind
from domain.rules.answers import Verdict
from domain.rules.case import Terms
from domain.rules.ids import Rule
from domain.rules.pack import Pack, read_on_pack


class Trouble(msgspec.Struct, frozen=True):
    """A rule that speaks, and the words it needs."""

    rule: Rule
    said: dict[str, object] = {}


def consistent(pack: Pack) -> Verdict | None:
    """Where receiving, the pack and the stock speak of the same lot, they say the same."""
    told = read_on_pack(pack.case)
    if told is not None and pack.lot is not None and not same_lot(told.lot, pack.lot.lot):
        return pack.refused(Rule.LOT_CONFLICT, read=told.lot, known=pack.lot.lot)
    for lot in (told, pack.lot):
        if lot is not None and (trouble := disagreement(lot, pack.stock)) is not None:
            return pack.refused(trouble.rule, ask=None, **trouble.said)
    if told is not None and pack.lot is not None and (trouble := _days_differ(told, pack.lot)) is not None:
        return pack.refused(trouble.rule, ask=None, **trouble.said)
    return None


def sellable(pack: Pack) -> Verdict | None:
    """Not recalled, not expired, and good for long enough."""
    trouble = troubled(pack.terms, pack.product.sku, pack.lot)
    return None if trouble is None else pack.refused(trouble.rule, ask=None, **trouble.said)


def disagreement(lot: KnownLot, stock: Sequence[Lot]) -> Trouble | None:
    """Its day against that of the same lot in stock."""
    same = [each for each in stock if same_lot(each.lot, lot.lot)]
    if lot.expiry is None or not same:
        return None
    if any(same_expiry(lot.expiry, lot.month_only, each.expiry, each.month_only) for each in same):
        return None
    return _conflict(lot, same[0].lot, same[0].expiry, same[0].month_only)


def _days_differ(told: KnownLot, known: KnownLot) -> Trouble | None:
    if told.expiry is None or known.expiry is None:
        return None
    if same_expiry(told.expiry, told.month_only, known.expiry, known.month_only):
        return None
    return _conflict(told, known.lot, known.expiry, known.month_only)


def _conflict(lot: KnownLot, known: str, expiry: date, month_only: bool) -> Trouble:
    read = f"{lot.lot} {shown(lot.expiry, lot.month_only)}"
    return Trouble(Rule.LOT_CONFLICT, {"read": read, "known": f"{known} {shown(expiry, month_only)}"})


def troubled(terms: Terms, sku: str, lot: KnownLot | None) -> Trouble | None:
    """Why nothing of this lot may be sold today; an unknown lot is stopped by a recall of the whole product only."""
    for recall in terms.recalls:
        if recall.hits(sku, lot.lot if lot else None):
            return Trouble(recalled_by(recall))
    if lot is None or lot.expiry is None:
        return None
    day, left = shown(lot.expiry, lot.month_only), (lot.expiry - terms.today).days
    if left < 0:
        return Trouble(Rule.EXPIRED, {"day": day})
    stops = terms.policy.near_expiry_stops_days
    return Trouble(Rule.NEAR_EXPIRY_STOPS, {"day": day, "days": stops}) if left < stops else None


def recalled_by(recall: Recall) -> Rule:
    return Rule.RECALLED if recall.kind is RecallKind.RECALL else Rule.STOP_SALE


def lot_wanted(terms: Terms, sku: str, lot: KnownLot | None) -> Rule | None:
    """Whether somebody must say the lot before the pack may leave: the chain wants it, or it might be of a lot that
    may not be sold."""
    if lot is not None:
        return None
    if any(recall.may_hit(sku, None) for recall in terms.recalls):
        return Rule.RECALL_LOT_WANTED
    stock = [each for each in terms.lots.get(sku, ()) if each.quantity > 0]
    soon = terms.policy.near_expiry_stops_days
    if terms.policy.lots_needed or any((each.expiry - terms.today).days < max(soon, 0) for each in stock):
        return Rule.LOT_WANTED
    return None


def near(terms: Terms, product: Product, lot: KnownLot | None) -> Trouble | None:
    """A warning: the customer is told of it (GSP)."""
    if lot is None or lot.expiry is None:
        return None
    days = product.near_expiry_days if product.near_expiry_days is not None else terms.policy.near_expiry_days
    if (lot.expiry - terms.today).days < days:
        return Trouble(Rule.NEAR_EXPIRY, {"day": shown(lot.expiry, lot.month_only)})
    return None


def unknown(pack: Pack) -> Trouble | None:
    """A warning: the pack names a lot that this store does not have."""
    if pack.lot is None or not pack.stock or any(same_lot(each.lot, pack.lot.lot) for each in pack.stock):
        return None
    return Trouble(Rule.LOT_UNKNOWN, {"lot": pack.lot.lot})


def nearer(pack: Pack) -> Trouble | None:
    """A warning: another lot should have gone first. What was scanned wins (R9)."""
    if pack.lot is None or pack.lot.expiry is None:
        return None
    barred = tuple(barred_lots(pack.terms, pack.product.sku))
    for each in in_order(
        pack.stock, pack.terms.today, stops_days=pack.terms.policy.near_expiry_stops_days, barred=barred
    ):
        if each.expiry >= pack.lot.expiry:
            return None
        if each.quantity > _in_bag(pack, each.lot):
            return Trouble(Rule.NEARER_LOT, {"lot": f"{each.lot}（{each.shelf}）" if each.shelf else each.lot})
    return None


def barred_lots(terms: Terms, sku: str) -> Iterator[str]:
    """Lots of this product that no proposal may name."""
    for each in terms.lots.get(sku, ()):
        if any(recall.hits(sku, each.lot) for recall in terms.recalls):
            yield each.lot


def shown(day: date | None, month_only: bool) -> str:
    """As the pack says it."""
    if day is None:
        return ""
    return f"{day:%Y-%m}" if month_only else day.isoformat()


def _in_bag(pack: Pack, lot: str) -> int:
    """How much of a lot lies in this order's bag already."""
    lines = {line.line_id for line in pack.case.pick.lines if line.sku == pack.product.sku}
    return sum(
        each.quantity
        for each in pack.case.pick.bindings
        if each.line_id in lines and each.lot is not None and same_lot(each.lot, lot)
    )

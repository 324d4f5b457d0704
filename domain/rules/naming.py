"""The lot that somebody reads on a pack: a fact of theirs, judged like any other (R7)."""

from datetime import date

from domain.lots import KnownLot, LotSource, same_lot
from domain.orders import OrderLine
from domain.rules.answers import Verdict
from domain.rules.book import verdict
from domain.rules.case import Terms
from domain.rules.families.lots import Trouble, disagreement, troubled
from domain.rules.ids import Rule
from domain.rules.pack import with_expiry


def may_name_lot(
    line: OrderLine, said: str, terms: Terms, *, expiry: date | None = None, month_only: bool = False
) -> tuple[Verdict, KnownLot]:
    """The verdict, and the lot as it would be kept: spelled as the stock spells it, with the day that is known of it.
    A lot that the stock does not have wants its day too."""
    stock = terms.lots.get(line.sku or "", ())
    spelled = next((each.lot for each in stock if same_lot(each.lot, said)), said.strip())
    read = KnownLot(spelled, LotSource.CLERK, expiry, month_only=month_only)
    lot = with_expiry(read, stock)
    if (trouble := _trouble(line, lot, terms)) is not None:
        words = {"name": line.name, **trouble.said}
        return verdict(trouble.rule, line.line_id, ask=None, **words), lot
    return verdict(Rule.LOT_SAID, line.line_id, name=line.name, lot=lot.lot), lot


def _trouble(line: OrderLine, lot: KnownLot, terms: Terms) -> Trouble | None:
    if not lot.lot:
        return Trouble(Rule.LOT_WANTED, {"names": line.name})
    if (conflict := disagreement(lot, terms.lots.get(line.sku or "", ()))) is not None:
        return conflict
    if (trouble := troubled(terms, line.sku or "", lot)) is not None:
        return trouble
    return Trouble(Rule.LOT_DAY_WANTED, {"lot": lot.lot}) if lot.expiry is None else None

"""Once each, and as many as are wanted (R5, R6)."""

from domain.codes import unique_part
from domain.rules.answers import Verdict
from domain.rules.book import verdict
from domain.rules.case import Case
from domain.rules.ids import Rule
from domain.rules.pack import Pack


def used(case: Case) -> Verdict | None:
    """One pack is sold once. An opened one may come again until it is empty."""
    known, unique = case.known, unique_part(case.code)
    if unique is None:
        return None
    if known.returned:
        return verdict(Rule.RETURNED)
    if known.remaining is not None:
        return verdict(Rule.OPENED_EMPTY) if known.remaining <= 0 else None
    if any(binding.code == unique for binding in case.pick.bindings):
        return verdict(Rule.TWICE_HERE)
    if known.sold_at is not None:
        return verdict(Rule.SOLD_BEFORE, when=known.sold_at)
    if known.sold_elsewhere:
        return verdict(Rule.SOLD_IN_CHAIN, where=known.sold_elsewhere)
    return verdict(Rule.BOUND_ELSEWHERE) if known.bound_to is not None else None


def enough(pack: Pack) -> Verdict | None:
    missing = pack.case.pick.missing(pack.line)
    if missing <= 0:
        return pack.refused(Rule.ENOUGH)
    return pack.refused(Rule.TOO_MUCH) if pack.quantity > missing else None

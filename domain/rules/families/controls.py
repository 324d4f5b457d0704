"""What the law forbids to sell this way, or in this number (R10, R11)."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from domain.codes import TraceCode
from domain.picks import Pick
from domain.products import Product
from domain.rules.answers import Verdict
from domain.rules.case import Sale, Terms
from domain.rules.ids import Rule
from domain.rules.lists import Listing, Match, found, in_force
from domain.rules.pack import Pack


def forbidden(pack: Pack) -> Verdict | None:
    if special(pack):
        return pack.refused(Rule.SPECIAL)
    listing = forbidding(pack.product, pack.terms)
    return None if listing is None else pack.refused(listing.rule, list=listing.title)


def limit(pack: Pack) -> Verdict | None:
    """How much of one listing a sale may hold. A prescription's own dose is not limited."""
    if pack.terms.prescription:
        return None
    for listing in limits(pack.product, pack.terms):
        if held(pack.case.pick, pack.terms, listing) + 1 > (listing.most or 0):
            return pack.refused(Rule.LIMIT, count=listing.most)
    return None


def special(pack: Pack) -> bool:
    """Trace codes that begin with 89 are those of 特药, whatever the catalogue knows."""
    code = pack.case.code
    return isinstance(code, TraceCode) and code.special and pack.terms.sale is Sale.ONLINE


def forbidding(product: Product, terms: Terms) -> Listing | None:
    """The first listing that forbids selling it this way; what a rule of its own speaks for goes first."""
    hits = [
        each for each, match in listed(product, terms.sale, terms.today) if match is Match.SURE and each.most is None
    ]
    return min(hits, key=lambda each: each.rule is Rule.BANNED_ONLINE, default=None)


def doubtful(product: Product, terms: Terms) -> Listing | None:
    """A listing it may fall under: a person must look."""
    if forbidding(product, terms) is not None:
        return None
    return next((each for each, match in listed(product, terms.sale, terms.today) if match is Match.DOUBT), None)


def limits(product: Product, terms: Terms) -> Iterator[Listing]:
    for listing, match in listed(product, terms.sale, terms.today):
        if match is Match.SURE and listing.most is not None:
            yield listing


def held(pick: Pick, terms: Terms, listing: Listing) -> int:
    """Packs in the bag that fall under a listing."""
    products = ((line.line_id, terms.product(line)) for line in pick.lines)
    counted = {line_id for line_id, product in products if product is not None and listing in limits(product, terms)}
    return sum(binding.line_id in counted for binding in pick.bindings)


@lru_cache(maxsize=4096)
def listed(product: Product, sale: Sale, today: date) -> tuple[tuple[Listing, Match], ...]:
    """The listings it falls under, surely or perhaps. Asked at every scan of a product, and dear: dozens of names are
    looked for in one."""
    here = in_force(today)
    hits = ((listing, found(product, listing, here)) for listing in here if listing.at is sale)
    return tuple((listing, match) for listing, match in hits if match is not Match.NO)

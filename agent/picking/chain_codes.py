"""What the chain's lists say of a pack's code, as this store's rules ask it."""

from collections.abc import Iterable

import msgspec

from agent import picks, policy, store
from agent.catalogue import Lookup
from agent.code_lists import Listing
from agent.transactions import Reading
from domain.code_lists import LOADED, CodeList
from domain.times import shown

_SOMEWHERE = "连锁内其他门店"


class Listed(msgspec.Struct, frozen=True):
    """As in `domain.rules.Known`."""

    sold_here: str | None = None
    sold_elsewhere: str = ""
    barred: CodeList | None = None


NOWHERE = Listed()


def of(reading: Reading, code: str, lookup: Lookup) -> Listed:
    listings = lookup.listings([code]).get(code, ())
    if not listings:
        return NOWHERE
    here = store.identity(reading).store
    sale = next((each for each in listings if each.list is CodeList.SOLD), None)
    return Listed(
        sold_here=shown(sale.at) if sale is not None and _only_they_know(reading, code, sale, here) else None,
        sold_elsewhere=_where(reading, sale) if sale is not None and sale.store != here else "",
        barred=_barred(listings),
    )


def barred(lookup: Lookup, codes: Iterable[str]) -> dict[str, CodeList]:
    """Of these codes those that are recalled or banned."""
    found = lookup.listings(wanted) if (wanted := tuple(codes)) else {}
    return {code: of for code, listings in found.items() if (of := _barred(listings)) is not None}


def _only_they_know(reading: Reading, code: str, sale: Listing, here: str) -> bool:
    """A sale of this store, from before this computer's data. Of what was in a bag here the store itself knows better
    than a list that comes after it: a cancelled order's packs are free at once."""
    return sale.store == here and not picks.was_in_a_bag(reading, code)


def _where(reading: Reading, sale: Listing) -> str:
    named = policy.in_force(reading).name_other_stores
    return f"{(sale.name or sale.store) if named else _SOMEWHERE}（{shown(sale.at)}）"


def _barred(listings: Iterable[Listing]) -> CodeList | None:
    return next((each.list for each in listings if each.list in LOADED), None)

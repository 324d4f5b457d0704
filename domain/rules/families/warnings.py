"""What the clerk is told beside a pack that is right."""

from collections.abc import Iterator

from domain.rules.families import controls, lots
from domain.rules.families.lots import Trouble
from domain.rules.ids import Rule
from domain.rules.pack import Pack


def warnings(pack: Pack) -> Iterator[Trouble]:
    for trouble in (lots.near(pack.terms, pack.product, pack.lot), lots.unknown(pack), lots.nearer(pack)):
        if trouble is not None:
            yield trouble
    if pack.product.cold:
        yield Trouble(Rule.COLD)
    if (listing := controls.doubtful(pack.product, pack.terms)) is not None:
        yield Trouble(Rule.MAYBE_BANNED, {"list": listing.title, "name": pack.line.name})

"""What a picker may do with a line: which lots to take it from, and besides scanning take a pack without its code,
report less, give another product.

What the chain or the law forbids is shown, too, with the rule's own sentence: nobody looks for a way that is none.
"""

from collections.abc import Iterable, Mapping

import msgspec

from agent import orders, picks
from agent.catalogue import Lookup
from agent.picking.terms import terms
from agent.transactions import Reading
from domain.lots import Lot, propose
from domain.operations import ShortChoice
from domain.orders import OrderLine
from domain.picks import Pick
from domain.policy import Waiver
from domain.products import CodePolicy, Product
from domain.quantity import ONE, Quantity
from domain.rules import Obstacle, Rule, Terms, may_substitute, may_waive
from domain.rules.book import obstacle
from domain.rules.families.lots import barred_lots


class Option(msgspec.Struct, frozen=True):
    """`no` says why it may not be; empty when it may."""

    key: str
    name: str = ""
    no: str = ""
    no_english: str = ""


class Take(msgspec.Struct, frozen=True):
    """So much of one lot: a proposal. `near`: its last day is near."""

    lot: Lot
    quantity: Quantity
    near: bool


class LineChoices(msgspec.Struct, frozen=True):
    """`take`: nearest expiry first, for what the line still wants. `waivers` are reasons, `shortages` what becomes of
    what is missing, `substitutes` the chain's list."""

    take: tuple[Take, ...] = ()
    waivers: tuple[Option, ...] = ()
    photo: bool = False
    """A photo is wanted with a waiver."""
    shortages: tuple[Option, ...] = ()
    substitutes: tuple[Option, ...] = ()
    step: Quantity = ONE
    """What one code stands for."""
    cold: bool = False


def of_order(reading: Reading, order_id: str, lookup: Lookup) -> dict[int, LineChoices]:
    """By line. Raises NotFound."""
    order, pick = orders.get(reading, order_id), picks.load(reading, order_id)
    by = terms(reading, order, lookup)
    others = lookup.of_skus(sku for product in by.products.values() for sku in product.substitutes)
    return {line.line_id: of_line(pick, line, by, others) for line in order.lines}


def of_line(pick: Pick, line: OrderLine, by: Terms, others: Mapping[str, Product]) -> LineChoices:
    """`others`: the catalogue's word of the substitutes, by SKU."""
    product = by.products.get(line.sku or "")
    if product is None:
        return LineChoices(shortages=_shortages(line, by, ()))
    instead = tuple(others[sku] for sku in product.substitutes if sku in others)
    exempt = product.policy is CodePolicy.NONE
    return LineChoices(
        take=tuple(_proposed(pick, line, product, by)),
        waivers=tuple(_waivers(pick, line, by, exempt=exempt)),
        photo=by.policy.waiver_photo and not exempt,
        shortages=_shortages(line, by, instead),
        substitutes=tuple(Option(each.sku, f"{each.name} {each.spec}".strip()) for each in instead),
        step=product.per_code,
        cold=product.cold,
    )


def _proposed(pick: Pick, line: OrderLine, product: Product, by: Terms) -> Iterable[Take]:
    days = by.policy.near_expiry_days if product.near_expiry_days is None else product.near_expiry_days
    found = propose(
        by.lots.get(product.sku, ()),
        pick.missing(line),
        by.today,
        stops_days=by.policy.near_expiry_stops_days,
        barred=barred_lots(by, product.sku),
        taken=_in_bag(pick, line),
    )
    return (Take(lot, quantity, (lot.expiry - by.today).days < days) for lot, quantity in found)


def _in_bag(pick: Pick, line: OrderLine) -> dict[str, Quantity]:
    lots: dict[str, Quantity] = {}
    for binding in pick.bindings:
        if binding.line_id == line.line_id and binding.lot is not None:
            lots[binding.lot] = lots.get(binding.lot, 0) + binding.quantity
    return lots


def _waivers(pick: Pick, line: OrderLine, by: Terms, *, exempt: bool) -> Iterable[Option]:
    for reason in Waiver:
        if (reason is Waiver.EXEMPT) is exempt:
            yield _option(reason, may_waive(pick, line, reason, by, photo=True))


def _shortages(line: OrderLine, by: Terms, instead: tuple[Product, ...]) -> tuple[Option, ...]:
    if instead:
        against = may_substitute(line, instead[0], by)
    elif by.insured or not by.policy.substitution:
        against = may_substitute(line, Product("", "", "", ""), by)
    else:
        against = [obstacle(Rule.SUBSTITUTE_NOT_LISTED, (line.line_id,), other="—", name=line.name)]
    return (_option(ShortChoice.SUBSTITUTE, against), Option(ShortChoice.PART_REFUND), Option(ShortChoice.GIVE_BACK))


def _option(key: str, against: list[Obstacle]) -> Option:
    return Option(key, "", against[0].sentence, against[0].english) if against else Option(key)

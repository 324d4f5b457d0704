"""What a picker may do with a line besides scanning: take a pack without its code, report less, give another product.

What the chain or the law forbids is shown, too, with the rule's own sentence: nobody looks for a way that is none.
"""

from collections.abc import Iterable, Mapping

import msgspec

from agent import orders, picks, policy
from agent.catalogue import Lookup
from agent.documents.content import china_day
from agent.transactions import Reading
from domain.operations import ShortChoice
from domain.orders import OrderLine
from domain.picks import Pick
from domain.policy import Waiver
from domain.products import CodePolicy, Product
from domain.quantity import ONE, Quantity
from domain.rules import Obstacle, Rule, Terms, may_substitute, may_waive
from domain.rules.book import obstacle


class Option(msgspec.Struct, frozen=True):
    """`no` says why it may not be; empty when it may."""

    key: str
    name: str = ""
    no: str = ""
    no_english: str = ""


class LineChoices(msgspec.Struct, frozen=True):
    """`waivers` are reasons, `shortages` what becomes of what is missing; `substitutes` are the chain's list."""

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
    products = lookup.of_skus(line.sku for line in order.lines if line.sku)
    terms = Terms(china_day(reading.now), policy.in_force(reading), products, insured=order.insurance)
    others = lookup.of_skus(sku for product in products.values() for sku in product.substitutes)
    return {line.line_id: of_line(pick, line, terms, others) for line in order.lines}


def of_line(pick: Pick, line: OrderLine, terms: Terms, others: Mapping[str, Product]) -> LineChoices:
    """`others`: the catalogue's word of the substitutes, by SKU."""
    product = terms.products.get(line.sku or "")
    if product is None:
        return LineChoices(shortages=_shortages(line, terms, ()))
    instead = tuple(others[sku] for sku in product.substitutes if sku in others)
    exempt = product.policy is CodePolicy.NONE
    return LineChoices(
        waivers=tuple(_waivers(pick, line, terms, exempt=exempt)),
        photo=terms.policy.waiver_photo and not exempt,
        shortages=_shortages(line, terms, instead),
        substitutes=tuple(Option(each.sku, f"{each.name} {each.spec}".strip()) for each in instead),
        step=product.per_code,
        cold=product.cold,
    )


def _waivers(pick: Pick, line: OrderLine, terms: Terms, *, exempt: bool) -> Iterable[Option]:
    for reason in Waiver:
        if (reason is Waiver.EXEMPT) is exempt:
            yield _option(reason, may_waive(pick, line, reason, terms, photo=True))


def _shortages(line: OrderLine, terms: Terms, instead: tuple[Product, ...]) -> tuple[Option, ...]:
    if instead:
        against = may_substitute(line, instead[0], terms)
    elif terms.insured or not terms.policy.substitution:
        against = may_substitute(line, Product("", "", "", ""), terms)
    else:
        against = [obstacle(Rule.SUBSTITUTE_NOT_LISTED, (line.line_id,), other="—", name=line.name)]
    return (_option(ShortChoice.SUBSTITUTE, against), Option(ShortChoice.PART_REFUND), Option(ShortChoice.GIVE_BACK))


def _option(key: str, against: list[Obstacle]) -> Option:
    return Option(key, "", against[0].sentence, against[0].english) if against else Option(key)

"""From what was read to the code it is and the products it may be, by all that this store knows."""

from collections.abc import Iterable

from agent import policy, stock
from agent.catalogue import Lookup
from agent.picking import learned
from agent.scanners.known import sends_separators
from agent.transactions import Reading
from domain.codes import Code, Gs1Code, PackCode, TraceCode, classify
from domain.products import Product
from domain.rules import Level


def understood(reading: Reading, text: str, station: str, lookup: Lookup) -> Code:
    """By the chain's links and by how this station's scanner sends separators. A GS1 code whose separator may be lost
    is decided by the lots that the store knows of the product, if it can."""
    sent = sends_separators(reading, station)
    code = classify(text, links=policy.in_force(reading).links, sends_separators=sent)
    if not isinstance(code, Gs1Code):
        return code
    products = products_of(reading, code, lookup)
    return code.settled({lot.lot for product in products for lot in stock.lots_of(reading, product.sku)})


def level_of(code: PackCode, products: Iterable[Product]) -> Level | None:
    """None: nobody said that its prefix stands for more than one pack."""
    if not isinstance(code, TraceCode):
        return None
    if any(code.prefix in each.case_prefixes for each in products):
        return Level.CASE
    return Level.BUNDLE if any(code.prefix in each.bundle_prefixes for each in products) else None


def products_of(reading: Reading, code: PackCode, lookup: Lookup) -> tuple[Product, ...]:
    """What the catalogue says; where it is silent, what was learned here."""
    return lookup.products(code) or learned.products(reading, code, lookup)

"""One order, its products, and scans of them."""

from datetime import date

from domain.codes import Code, TraceCode
from domain.orders import OrderLine
from domain.picks import Pick, PickState
from domain.products import Product
from domain.quantity import units
from domain.rules import Case, Known, Terms

TODAY = date(2026, 11, 22)
AMOXICILLIN = Product("M1", "阿莫西林胶囊", "0.25g*24粒", "盒", "联邦", ("6901234567892",), ("8101215",))
ALCOHOL = Product("M2", "75%酒精消毒液", "100ml", "瓶", "利尔康", ("6900000000014",))
STRANGER = Product("M9", "布洛芬缓释胶囊", "0.3g*20粒", "盒", "史克", ("6900000000021",), ("8101295",))


def line(line_id: int, product: Product, count: int) -> OrderLine:
    return OrderLine(line_id, product.sku, product.sku, product.name, product.spec, product.unit, units(count), 1250)


PICK = Pick("o1", PickState.PICKING, (line(1, AMOXICILLIN, 2), line(2, ALCOHOL, 1)))
TERMS = Terms(TODAY, products={product.sku: product for product in (AMOXICILLIN, ALCOHOL)})


def trace(serial: int, prefix: str = "8101215") -> TraceCode:
    return TraceCode(f"{prefix}{serial:013d}")


def case(code: Code, known: Known, pick: Pick = PICK, terms: Terms = TERMS) -> Case:
    return Case(pick, code, known, terms)

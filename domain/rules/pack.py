"""From a scan to the line it is for: the product, how much this pack adds, and the lot it is of."""

from datetime import date

import msgspec

from domain.codes import UNKNOWN, Gs1Code, MakerCode, OrderCode, ProductBarcode, TraceCode, unique_part
from domain.lots import KnownLot, LotSource
from domain.orders import OrderLine
from domain.products import Product
from domain.quantity import Quantity
from domain.rules.answers import Ask, Verdict
from domain.rules.book import verdict
from domain.rules.case import Case, Terms
from domain.rules.ids import Rule


class Pack(msgspec.Struct, frozen=True):
    """One pack and the line it would go to."""

    case: Case
    line: OrderLine
    product: Product
    quantity: Quantity
    """What it would add to its line; the whole pack, or what is wanted of an opened one."""
    opened: bool
    lot: KnownLot | None

    @property
    def terms(self) -> Terms:
        return self.case.terms

    @property
    def code(self) -> str | None:
        return unique_part(self.case.code)

    def refused(self, rule: Rule, *, ask: Ask | None = None, **said: object) -> Verdict:
        return verdict(rule, self.line.line_id, ask=ask, name=self.line.name, names=self.line.name, **said)


def match(case: Case) -> Pack | Verdict:
    """The line a pack is for: the first that still wants this product, else the first that names it."""
    products = {product.sku: product for product in case.known.products}
    lines = [line for line in case.pick.lines if line.sku in products]
    if not lines:
        return _stranger(case)
    wanting = (line for line in lines if case.pick.missing(line) > 0)
    line = next(wanting, lines[0])
    product = products[line.sku or ""]
    quantity, opened = _content(case, line, product)
    return Pack(case, line, product, quantity, opened, lot_read(case))


def lot_read(case: Case) -> KnownLot | None:
    """What is known of this very code goes before what the pack says; where both speak, they are compared."""
    if case.known.lot is not None:
        return case.known.lot
    if isinstance(case.code, Gs1Code) and case.code.lot and case.code.lot_sure:
        return KnownLot(case.code.lot, LotSource.GS1, _expiry_known(case, case.code.lot))
    return None


def _expiry_known(case: Case, lot: str) -> date | None:
    known = {each.lot.casefold(): each.expiry for lots in case.terms.lots.values() for each in lots}
    return known.get(lot.casefold())


def _content(case: Case, line: OrderLine, product: Product) -> tuple[Quantity, bool]:
    missing, whole = case.pick.missing(line), product.per_code
    left = case.known.remaining if case.known.remaining is not None else whole
    if product.opens and (left < whole or 0 < missing < whole):
        return min(missing, left), True
    return whole, False


def _stranger(case: Case) -> Verdict:
    if case.known.products:
        return verdict(Rule.WRONG_PRODUCT)
    if isinstance(case.code, OrderCode):
        return verdict(Rule.OWN_CODE, what="订单码")
    if isinstance(case.code, MakerCode):
        return verdict(Rule.UNREADABLE, why=case.code.cut or UNKNOWN)
    what = "追溯码前缀" if isinstance(case.code, TraceCode) else "商品条码"
    teachable = not isinstance(case.code, ProductBarcode)
    return verdict(Rule.UNKNOWN_PREFIX, ask=Ask.PRODUCT if teachable else None, what=what)

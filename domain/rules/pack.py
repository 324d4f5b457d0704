"""From a scan to the line it is for: the product, how much this pack adds, and the lot it is of."""

from collections.abc import Sequence

import msgspec

from domain.codes import UNKNOWN, Gs1Code, LinkCode, MakerCode, ProductBarcode, TraceCode, UdiCode, unique_part
from domain.lots import KnownLot, Lot, LotSource, same_expiry, same_lot
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
    """As far as anybody is sure of it."""

    @property
    def terms(self) -> Terms:
        return self.case.terms

    @property
    def code(self) -> str | None:
        return unique_part(self.case.code)

    @property
    def stock(self) -> Sequence[Lot]:
        return self.terms.lots.get(self.product.sku, ())

    def refused(self, rule: Rule, *, ask: Ask | None = None, **said: object) -> Verdict:
        words = {"name": self.line.name, "names": self.line.name, **said}
        return verdict(rule, self.line.line_id, ask=ask, **words)


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
    return Pack(case, line, product, quantity, opened, _lot(case, case.terms.lots.get(product.sku, ())))


def read_on_pack(case: Case) -> KnownLot | None:
    """What the pack itself says, where no swallowed separator leaves a doubt."""
    code = case.code
    if isinstance(code, Gs1Code) and code.lot is not None and code.lot_sure:
        return KnownLot(code.lot, LotSource.GS1, code.expiry, code.produced, code.month_only)
    return None


def with_expiry(lot: KnownLot, stock: Sequence[Lot]) -> KnownLot:
    """A pack that tells no day, or only its month, gets the day known of its lot; a blank never replaces what is
    known, and a day that disagrees stays for `consistent` to find."""
    known = {(each.expiry, each.month_only, each.produced) for each in stock if same_lot(each.lot, lot.lot)}
    if len(known) != 1:
        return lot
    expiry, month_only, produced = known.pop()
    if lot.expiry is not None and not (lot.month_only and same_expiry(lot.expiry, True, expiry, month_only)):
        return lot
    return msgspec.structs.replace(lot, expiry=expiry, month_only=month_only, produced=lot.produced or produced)


def _lot(case: Case, stock: Sequence[Lot]) -> KnownLot | None:
    """What is known of this very code goes before what the pack says; where both speak, they are compared."""
    lot = case.known.lot or read_on_pack(case)
    return with_expiry(lot, stock) if lot is not None else None


def _content(case: Case, line: OrderLine, product: Product) -> tuple[Quantity, bool]:
    """Opened once, a pack is a part for ever, whole again as it may look: only its ledger says what is left of it."""
    missing, whole, left = case.pick.missing(line), product.per_code, case.known.remaining
    if left is not None:
        return min(missing, left), True
    return (missing, True) if product.opens and 0 < missing < whole else (whole, False)


def _stranger(case: Case) -> Verdict:
    """Nothing of the order: another product, or a code that nobody taught us."""
    if case.known.products:
        return verdict(Rule.WRONG_PRODUCT)
    match case.code:
        case TraceCode():
            return verdict(Rule.UNKNOWN_PREFIX, ask=Ask.PRODUCT, what="追溯码前缀")
        case ProductBarcode() | Gs1Code():
            return verdict(Rule.UNKNOWN_BARCODE)
        case MakerCode(cut=cut):
            return verdict(Rule.UNREADABLE, why=cut or UNKNOWN)
        case LinkCode() | UdiCode():
            return verdict(Rule.UNREADABLE, why=UNKNOWN)
        case other:
            raise TypeError(f"no code of a pack: {type(other).__name__}")

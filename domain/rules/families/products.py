"""Which code a product is taken by, and whether it is a smallest pack (R2, R4)."""

from domain.codes import Gs1Code, LinkCode, MakerCode, ProductBarcode, UdiCode
from domain.products import CodePolicy
from domain.rules.answers import Verdict
from domain.rules.case import Level
from domain.rules.ids import Rule
from domain.rules.pack import Pack

EACH = ("0", "9")
"""GTIN-14 indicators of single packs: 1 to 8 stand for cases and bundles (GS1 General Specifications)."""


def code_policy(pack: Pack) -> Verdict | None:
    """A product with trace codes is taken by nothing less: its 69-code says which product, not which pack."""
    if pack.product.policy is not CodePolicy.TRACE:
        return None
    match pack.case.code:
        case ProductBarcode() | Gs1Code(serial=None):
            return pack.refused(Rule.PRODUCT_BARCODE)
        case Gs1Code(serial_sure=False):
            return pack.refused(Rule.SERIAL_UNSURE)
        case MakerCode() | LinkCode() | UdiCode() if not pack.product.maker_prefixes:
            return pack.refused(Rule.MAKER_CODE)
        case _:
            return None


def level(pack: Pack) -> Verdict | None:
    known, code = pack.case.known, pack.case.code
    if known.level in (Level.BUNDLE, Level.CASE) or (isinstance(code, Gs1Code) and code.gtin[0] not in EACH):
        return pack.refused(Rule.LEVEL)
    held = {binding.code for binding in pack.case.pick.bindings}
    return pack.refused(Rule.PARENT) if known.parent and known.parent in held else None

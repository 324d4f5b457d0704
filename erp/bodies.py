"""What a program of the ERP sends us as JSON, and what it means. Each `feed` raises `erp.terms.BadValue`."""

import msgspec

from domain.erp import ErpCount, ErpLevel, ErpReceipt, ErpReceiptLine, ErpSale, ErpSaleLine
from domain.lots import Lot
from erp import terms

Number = int | float | str
"""In units: 2, 0.5, "2.000"."""


class SaleLineBody(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: Number
    lot: str = ""
    codes: tuple[str, ...] = ()


class SaleFeedBody(msgspec.Struct, forbid_unknown_fields=True):
    document_id: str
    sequence: int | str
    lines: tuple[SaleLineBody, ...]
    returned: bool = False

    def feed(self) -> ErpSale:
        """Raises BadValue."""
        return ErpSale(self.document_id, _order(self.sequence), tuple(map(_sale_line, self.lines)), self.returned)


class LotBody(msgspec.Struct, forbid_unknown_fields=True):
    lot: str
    expiry: str
    quantity: Number
    produced: str = ""


class LevelBody(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: Number
    lots: tuple[LotBody, ...] | None = None


class CountFeedBody(msgspec.Struct, forbid_unknown_fields=True):
    document_id: str
    as_of: int | str
    levels: tuple[LevelBody, ...]
    contains: int | None = None

    def feed(self) -> ErpCount:
        """Raises BadValue."""
        return ErpCount(self.document_id, _order(self.as_of), tuple(map(_level, self.levels)), self.contains)


class ReceiptLineBody(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: Number
    lot: str = ""
    expiry: str = ""
    produced: str = ""
    codes: tuple[str, ...] = ()


class ReceiptFeedBody(msgspec.Struct, forbid_unknown_fields=True):
    document_id: str
    sequence: int | str
    lines: tuple[ReceiptLineBody, ...]
    supplier: str = ""

    def feed(self) -> ErpReceipt:
        """Raises BadValue."""
        return ErpReceipt(self.document_id, _order(self.sequence), tuple(map(_receipt_line, self.lines)), self.supplier)


class AcknowledgeBody(msgspec.Struct, forbid_unknown_fields=True):
    reference: str = ""


class RefuseBody(msgspec.Struct, forbid_unknown_fields=True):
    reason: str


def _order(said: int | str) -> int:
    return terms.sequence(str(said))


def _sale_line(line: SaleLineBody) -> ErpSaleLine:
    codes = terms.codes(" ".join(line.codes))
    return ErpSaleLine(line.sku, terms.quantity(str(line.quantity)), terms.lot(line.lot), codes)


def _level(level: LevelBody) -> ErpLevel:
    lots = None if level.lots is None else tuple(map(_lot, level.lots))
    return ErpLevel(level.sku, terms.quantity(str(level.quantity), signed=True), lots)


def _lot(lot: LotBody) -> Lot:
    expiry, month_only = terms.day(lot.expiry)
    produced = terms.day(lot.produced)[0] if lot.produced else None
    amount = max(terms.quantity(str(lot.quantity), signed=True), 0)
    return Lot(terms.lot(lot.lot), expiry, amount, produced, month_only)


def _receipt_line(line: ReceiptLineBody) -> ErpReceiptLine:
    expiry, month_only = terms.day(line.expiry) if line.expiry else (None, False)
    produced = terms.day(line.produced)[0] if line.produced else None
    amount = terms.quantity(str(line.quantity))
    codes = terms.codes(" ".join(line.codes))
    return ErpReceiptLine(line.sku, amount, terms.lot(line.lot), expiry, produced, month_only, codes)

"""Rows of an ERP's file or view become feeds: rows of one document id are one sale or receipt, all of one reading are a
count. What is wrong is said row by row."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from domain.erp import ErpCount, ErpFeed, ErpLevel, ErpReceipt, ErpReceiptLine, ErpSale, ErpSaleLine
from domain.lots import Lot
from domain.quantity import Quantity
from erp import terms
from erp.feeds import LONGEST_ID, check, slices
from erp.terms import BadValue


class Feed(StrEnum):
    SALES = "sales"
    COUNTS = "counts"
    RECEIPTS = "receipts"


FIELDS: dict[Feed, tuple[str, ...]] = {
    Feed.SALES: ("store", "document_id", "sequence", "sku", "quantity", "lot", "codes", "returned"),
    Feed.COUNTS: ("store", "as_of", "contains", "sku", "quantity", "lot", "expiry", "produced"),
    Feed.RECEIPTS: (
        "store", "document_id", "sequence", "sku", "quantity", "lot", "expiry", "produced", "codes", "supplier",
    ),
}  # fmt: skip
"""What a row of each may say."""
NEEDED: dict[Feed, tuple[str, ...]] = {
    Feed.SALES: ("document_id", "sequence", "sku", "quantity"),
    Feed.COUNTS: ("as_of", "sku", "quantity"),
    Feed.RECEIPTS: ("document_id", "sequence", "sku", "quantity"),
}
WORDS = {
    "store": "门店",
    "document_id": "单据号",
    "sequence": "序号或时间",
    "as_of": "库存时点",
    "contains": "已入账的单据编号",
    "sku": "商品编码",
    "quantity": "数量",
    "lot": "批号",
    "expiry": "有效期",
    "produced": "生产日期",
    "codes": "追溯码",
    "returned": "退货",
    "supplier": "供应商",
}
"""The fields, as a person reads them."""


class Row(msgspec.Struct, frozen=True):
    """`number` is its line in the file, the heading being 1, or its place in the view's answer. `wrong`: it lacks
    columns; what it does say tells which document or product is not whole."""

    number: int
    fields: Mapping[str, str]
    wrong: str = ""

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def check(self) -> None:
        """Raises BadValue."""
        if self.wrong:
            raise BadValue(self.wrong)

    @property
    def text(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.fields.items())[:200]


class Flaw(msgspec.Struct, frozen=True):
    """Row 0 is the whole."""

    row: int
    why: str
    text: str = ""


class Formats(msgspec.Struct, frozen=True):
    """Further ways in which this ERP writes days and times (`%Y%m%d`)."""

    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


class Piece(msgspec.Struct, frozen=True):
    """What is taken in one transaction; `part` tells pieces of one count apart. `store` is empty in a store."""

    feed: ErpFeed
    part: int = 0
    store: str = ""


def possible(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Flaw]]:
    """Those that can be taken, and what is wrong with the others."""
    good, flaws = [], []
    for piece in pieces:
        try:
            check(piece.feed)
            good.append(piece)
        except BadValue as error:
            flaws.append(Flaw(0, f"单据 {piece.feed.document_id}：{error}"))
    return good, flaws


def read(feed: Feed, rows: Sequence[Row], name: str, formats: Formats) -> tuple[tuple[Piece, ...], tuple[Flaw, ...]]:
    """The documents that can be used, and what is wrong with the others: of a document with one bad row nothing is
    used. `name` is what a count is called that has no id of its own."""
    if feed is Feed.COUNTS:
        return _counts(rows, name, formats)
    by_document: dict[tuple[str, str], list[Row]] = defaultdict(list)
    flaws = []
    for row in rows:
        document_id = row.get("document_id")
        if 0 < len(document_id) <= LONGEST_ID:
            by_document[row.get("store"), document_id].append(row)
        else:
            flaws.append(Flaw(row.number, row.wrong or f"单据号应为 1 到 {LONGEST_ID} 个字符", row.text))
    nobodys = {row.get("document_id") for row in rows if row.wrong and not row.get("store")}
    build = _sales if feed is Feed.SALES else _receipts
    pieces: list[Piece] = []
    for (store, document_id), of_document in by_document.items():
        if store and document_id in nobodys:
            continue
        made, wrong = _built(build, document_id, of_document, formats)
        flaws += wrong
        pieces += (Piece(feed, store=store) for feed in made)
    return tuple(pieces), tuple(sorted(flaws, key=lambda flaw: flaw.row))


Build = Callable[[str, Sequence[Row], Formats], list[ErpFeed]]


def _built(build: Build, document_id: str, rows: Sequence[Row], formats: Formats) -> tuple[list[ErpFeed], list[Flaw]]:
    """Each row for itself first, so that every bad one is named."""
    wrong = []
    for row in rows:
        try:
            row.check()
            build(document_id, (row,), formats)
        except BadValue as error:
            wrong.append(Flaw(row.number, str(error), row.text))
    if wrong:
        return [], wrong
    try:
        return build(document_id, rows, formats), []
    except BadValue as error:
        return [], [Flaw(rows[0].number, str(error), rows[0].text)]


def _sales(document_id: str, rows: Sequence[Row], formats: Formats) -> list[ErpFeed]:
    """What a till sold and took back in one ticket is a sale and a return."""
    sequence = _latest(rows, formats)
    back = terms.yes(_same(rows, "returned"))
    sold: list[ErpSaleLine] = []
    returned: list[ErpSaleLine] = []
    for row in rows:
        amount = terms.quantity(row.get("quantity"), signed=True)
        if amount == 0:
            raise BadValue("数量为 0")
        codes = terms.codes(row.get("codes"))
        line = ErpSaleLine(_sku(row), abs(amount), terms.lot(row.get("lot")), codes)
        (returned if back or amount < 0 else sold).append(line)
    feeds: list[ErpFeed] = []
    if sold:
        feeds.append(ErpSale(document_id, sequence, tuple(sold)))
    if returned:
        feeds.append(ErpSale(f"{document_id}-R" if sold else document_id, sequence, tuple(returned), returned=True))
    return feeds


def _receipts(document_id: str, rows: Sequence[Row], formats: Formats) -> list[ErpFeed]:
    sequence = _latest(rows, formats)
    lines = tuple(_receipt_line(row, formats) for row in rows)
    return [ErpReceipt(document_id, sequence, lines, _same(rows, "supplier"))]


def _receipt_line(row: Row, formats: Formats) -> ErpReceiptLine:
    expiry, month_only, produced = _days(row, formats)
    return ErpReceiptLine(
        _sku(row), terms.quantity(row.get("quantity")), terms.lot(row.get("lot")), expiry, produced, month_only,
        terms.codes(row.get("codes")),
    )  # fmt: skip


_Reading = tuple[str, int]
"""(store, as_of)."""


def _counts(rows: Sequence[Row], name: str, formats: Formats) -> tuple[tuple[Piece, ...], tuple[Flaw, ...]]:
    """Rows of one product are its lots; together they are what there is of it, and with one bad among them none is.
    What a reading contains is what its first row says."""
    flaws: list[Flaw] = []
    bad: set[tuple[str, str]] = set()
    readings: dict[_Reading, dict[str, list[_Part]]] = defaultdict(lambda: defaultdict(list))
    contained: dict[_Reading, int | None] = {}
    for row in rows:
        try:
            row.check()
            part, contains = _part(row, formats), _contains(row)
            reading = row.get("store"), terms.sequence(row.get("as_of"), formats.times)
            if contained.setdefault(reading, contains) != contains:
                raise BadValue(f"同一时点的{WORDS['contains']}不一致")
            readings[reading][part.sku].append(part)
        except BadValue as error:
            flaws.append(Flaw(row.number, str(error), row.text))
            bad.add((row.get("store"), row.get("sku")))
    pieces: list[Piece] = []
    for (store, as_of), by_sku in readings.items():
        levels = []
        for parts in (each for sku, each in by_sku.items() if bad.isdisjoint({(store, sku), ("", sku)})):
            try:
                levels.append(_level(parts))
            except BadValue as error:
                flaws.append(Flaw(parts[0].number, str(error)))
        if levels:
            count = ErpCount(f"{name}@{as_of}"[-LONGEST_ID:], as_of, tuple(levels), contained[store, as_of])
            pieces += (Piece(some, part, store) for part, some in slices(count))
    return tuple(pieces), tuple(sorted(flaws, key=lambda flaw: flaw.row))


class _Part(msgspec.Struct, frozen=True):
    number: int
    sku: str
    quantity: Quantity
    lot: str
    expiry: date | None
    produced: date | None
    month_only: bool


def _part(row: Row, formats: Formats) -> _Part:
    expiry, month_only, produced = _days(row, formats)
    amount = terms.quantity(row.get("quantity"), signed=True)
    return _Part(row.number, _sku(row), amount, terms.lot(row.get("lot")), expiry, produced, month_only)


def _contains(row: Row) -> int | None:
    said = row.get("contains")
    return terms.whole(said) if said else None


def _level(parts: Sequence[_Part]) -> ErpLevel:
    lots: dict[str, Lot] = {}
    for part in parts:
        if part.lot and part.expiry is None:
            raise BadValue(f"批号 {part.lot} 没有有效期")
        if part.lot and part.expiry is not None:
            before = lots[part.lot].quantity if part.lot in lots else 0
            amount = before + max(part.quantity, 0)
            lots[part.lot] = Lot(part.lot, part.expiry, amount, part.produced, part.month_only)
    on_hand = sum(part.quantity for part in parts)
    return ErpLevel(parts[0].sku, on_hand, tuple(lots.values()) if lots else None)


def _days(row: Row, formats: Formats) -> tuple[date | None, bool, date | None]:
    expiry, month_only = terms.day(row.get("expiry"), formats.days) if row.get("expiry") else (None, False)
    produced = terms.day(row.get("produced"), formats.days)[0] if row.get("produced") else None
    return expiry, month_only, produced


def _sku(row: Row) -> str:
    if not row.get("sku"):
        raise BadValue("没有商品编码")
    return row.get("sku")


def _latest(rows: Sequence[Row], formats: Formats) -> int:
    """Where rows have numbers of their own, the document is as late as its last: the safe side of any count."""
    return max(terms.sequence(row.get("sequence"), formats.times) for row in rows)


def _same(rows: Sequence[Row], name: str) -> str:
    """What a document says once, in each of its rows."""
    said = {row.get(name) for row in rows}
    if len(said) > 1:
        raise BadValue(f"同一张单据的{WORDS[name]}不一致")
    return said.pop()

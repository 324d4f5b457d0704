"""Our documents as an ERP reads them: quantities in units, money in fen, times as China's clocks show them."""

import csv
import io
from collections.abc import Iterable

import msgspec

from domain.erp import ErpDocument, ErpDocumentLine, Way
from domain.quantity import ONE, Quantity
from domain.times import shown

_MOMENT = "%Y-%m-%d %H:%M:%S"


class SpokenLine(msgspec.Struct, frozen=True):
    """`way`: out (left the shelf), in (stands there again), apart (came back into quarantine)."""

    sku: str
    way: Way
    quantity: int | float
    price_fen: int
    lot: str
    expiry: str
    codes: tuple[str, ...]


class SpokenDocument(msgspec.Struct, frozen=True):
    number: int
    document_id: str
    kind: str
    store: str
    at: str
    order_id: str
    channel: str
    channel_order_id: str
    shown_id: str
    reason: str
    lines: tuple[SpokenLine, ...]


def document(told: ErpDocument) -> SpokenDocument:
    return SpokenDocument(
        told.number, told.document_id, told.kind.value, told.store, shown(told.at, _MOMENT), told.order_id,
        told.channel, told.channel_order_id, told.shown_id, told.reason, tuple(map(_line, told.lines)),
    )  # fmt: skip


def _line(line: ErpDocumentLine) -> SpokenLine:
    expiry = "" if line.expiry is None else f"{line.expiry:%Y-%m}" if line.month_only else line.expiry.isoformat()
    return SpokenLine(line.sku, line.way, units(line.quantity), line.price, line.lot, expiry, line.codes)


def units(quantity: Quantity) -> int | float:
    return quantity // ONE if quantity % ONE == 0 else quantity / ONE


def as_json(told: ErpDocument) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document(told)), indent=2) + b"\n"


HEADING = (
    "单据编号", "单据号", "类型", "门店", "时间", "订单号", "平台", "平台订单号", "展示单号", "说明",
    "商品编码", "方向", "数量", "单价(分)", "批号", "有效期至", "追溯码",
)  # fmt: skip


def as_csv(told: ErpDocument, encoding: str) -> bytes:
    """A heading and a row for each line; UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    writer.writerows(_rows(document(told)))
    if encoding == "gbk":
        return text.getvalue().encode("gb18030")
    return text.getvalue().encode("utf-8-sig")


def _rows(told: SpokenDocument) -> Iterable[tuple[object, ...]]:
    head = (
        told.number, told.document_id, told.kind, told.store, told.at, told.order_id, told.channel,
        told.channel_order_id, told.shown_id, told.reason,
    )  # fmt: skip
    for line in told.lines:
        yield (
            *head, line.sku, line.way.value, line.quantity, line.price_fen, line.lot, line.expiry,
            " ".join(line.codes),
        )  # fmt: skip

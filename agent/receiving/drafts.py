"""The draft of what is coming in. It lives in the data file: closing the page or a power cut loses nothing of it."""

from collections.abc import Sequence
from datetime import date

import msgspec

from agent import owners, stock
from agent.catalogue import Lookup
from agent.documents.content import china_day
from agent.errors import NotFound, NotNow
from agent.transactions import Reading, Topic, Transaction
from domain.ids import uuid7
from domain.lots import Lot
from domain.policy import Duty
from domain.quantity import Quantity
from domain.rules import Arrival, may_receive, odd_dates
from domain.staff import Actor

LONGEST_TEXT = 80


class DraftLine(msgspec.Struct, frozen=True):
    """`codes` packs were scanned one by one and make up `coded` of the quantity. `wants` is what still stands in the
    way, `warning` what somebody should look at again."""

    line_id: int
    sku: str
    name: str
    spec: str
    unit: str
    lot: str
    expiry: date | None
    month_only: bool
    produced: date | None
    quantity: Quantity
    codes: int
    wants: tuple[str, ...] = ()
    warning: str = ""


class Draft(msgspec.Struct, frozen=True):
    """`ours`: goods are taken in here; otherwise the ERP does it, `words` says so, and nothing of this may be used."""

    ours: bool
    words: str
    receipt_id: str = ""
    supplier: str = ""
    bill: str = ""
    lines: tuple[DraftLine, ...] = ()

    @property
    def ready(self) -> bool:
        return bool(self.lines) and not any(line.wants for line in self.lines)


def draft(reading: Reading, lookup: Lookup) -> Draft:
    words = "" if owners.ours(reading, Duty.RECEIVING) else owners.WORDS[Duty.RECEIVING]
    row = reading.db.execute("SELECT * FROM receipts WHERE committed_at IS NULL").fetchone()
    if row is None:
        return Draft(not words, words)
    lines = checked(reading, lines_of(reading, row["receipt_id"], lookup), lookup)
    return Draft(not words, words, row["receipt_id"], row["supplier"], row["bill"], lines)


def begun(tx: Transaction, actor: Actor) -> str:
    """The draft's id; a new one where there is none."""
    row = tx.db.execute("SELECT receipt_id FROM receipts WHERE committed_at IS NULL").fetchone()
    if row is not None:
        return str(row["receipt_id"])
    receipt_id = uuid7(tx.now, tx.randomness)
    tx.db.execute(
        "INSERT INTO receipts (receipt_id, supplier, bill, opened_at, staff_id) VALUES (?, '', '', ?, ?)",
        (receipt_id, tx.now, actor.staff_id),
    )
    return receipt_id


def name_bill(tx: Transaction, supplier: str, bill: str, actor: Actor) -> None:
    """One bill of a supplier comes in once."""
    owners.require(tx, Duty.RECEIVING)
    supplier, bill = supplier.strip(), bill.strip()
    if max(len(supplier), len(bill)) > LONGEST_TEXT:
        raise NotNow(f"供应商和单号最多 {LONGEST_TEXT} 个字符")
    receipt_id = begun(tx, actor)
    same = tx.db.execute(
        "SELECT 1 FROM receipts WHERE supplier = ? AND bill = ? AND bill <> '' AND receipt_id <> ?",
        (supplier, bill, receipt_id),
    ).fetchone()
    if same is not None:
        raise NotNow(f"{supplier} 的单号 {bill} 已经入库，请核对")
    tx.db.execute("UPDATE receipts SET supplier = ?, bill = ? WHERE receipt_id = ?", (supplier, bill, receipt_id))
    tx.touch(Topic.STOCK)


def drop(tx: Transaction) -> None:
    """Nothing of it came in."""
    row = tx.db.execute("SELECT receipt_id FROM receipts WHERE committed_at IS NULL").fetchone()
    if row is None:
        raise NotNow("没有正在登记的入库单")
    receipt_id = row["receipt_id"]
    tx.db.execute(
        "DELETE FROM receipt_codes WHERE line_id IN (SELECT line_id FROM receipt_lines WHERE receipt_id = ?)",
        (receipt_id,),
    )
    tx.db.execute("DELETE FROM receipt_lines WHERE receipt_id = ?", (receipt_id,))
    tx.db.execute("DELETE FROM receipts WHERE receipt_id = ?", (receipt_id,))
    tx.touch(Topic.STOCK)


def lines_of(reading: Reading, receipt_id: str, lookup: Lookup) -> tuple[DraftLine, ...]:
    rows = reading.db.execute(
        "SELECT receipt_lines.*, (SELECT count(*) FROM receipt_codes WHERE receipt_codes.line_id ="
        " receipt_lines.line_id) AS codes FROM receipt_lines WHERE receipt_id = ? ORDER BY line_id",
        (receipt_id,),
    ).fetchall()
    products = lookup.of_skus({row["sku"] for row in rows})
    lines = []
    for row in rows:
        product = products.get(row["sku"])
        words = (product.name, product.spec, product.unit) if product else (row["sku"], "", "")
        named = dict(zip(("name", "spec", "unit"), words, strict=True))
        lines.append(msgspec.convert({**dict(row), **named}, DraftLine, strict=False))
    return tuple(lines)


def line(reading: Reading, line_id: int, lookup: Lookup) -> DraftLine:
    """Of the draft; raises NotFound."""
    row = reading.db.execute("SELECT receipt_id FROM receipts WHERE committed_at IS NULL").fetchone()
    lines = lines_of(reading, row["receipt_id"], lookup) if row is not None else ()
    for each in lines:
        if each.line_id == line_id:
            return each
    raise NotFound("入库单里没有这一行")


def checked(reading: Reading, lines: Sequence[DraftLine], lookup: Lookup) -> tuple[DraftLine, ...]:
    """With what stands in the way of each, by the rules."""
    products, today = lookup.of_skus({each.sku for each in lines}), china_day(reading.now)
    found = []
    for each in lines:
        product = products.get(each.sku)
        least = each.codes * product.per_code if product else 0
        said = Arrival(
            each.sku, each.name, each.quantity, least, each.codes, each.lot, each.expiry, each.produced,
            each.month_only,
        )  # fmt: skip
        known = (*stock.lots_of(reading, each.sku), *_beside(each, lines))
        wants = may_receive(said, known, today=today, recalls=lookup.recalls([each.sku]))
        odd = odd_dates(said)
        found.append(
            msgspec.structs.replace(
                each, wants=tuple(one.sentence for one in wants), warning=odd.sentence if odd else ""
            )
        )
    return tuple(found)


def _beside(line: DraftLine, lines: Sequence[DraftLine]) -> list[Lot]:
    """The same product's other lines: they too may not give one lot two days."""
    return [
        Lot(each.lot, each.expiry, 0, each.produced, each.month_only)
        for each in lines
        if each.line_id != line.line_id and each.sku == line.sku and each.expiry is not None
    ]

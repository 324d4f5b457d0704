"""What a hand says of the draft's lines: lot and days as printed on the packs, and how many there are."""

import msgspec

from agent import owners
from agent.catalogue import Lookup
from agent.errors import NotNow
from agent.lots import listing
from agent.receiving import drafts
from agent.receiving.drafts import DraftLine
from agent.transactions import Topic, Transaction
from domain.days import NotADay, read_day
from domain.policy import Duty
from domain.quantity import LARGEST, Quantity

LONGEST_LOT = 40


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days as they are printed: 2028-06-30, or a month 2028-06. None leaves a field as it is."""

    line_id: int
    lot: str | None = None
    expiry: str | None = None
    produced: str | None = None
    quantity: Quantity | None = None


def edit(tx: Transaction, said: Edit, lookup: Lookup) -> None:
    owners.require(tx, Duty.RECEIVING)
    line = _said(drafts.line(tx, said.line_id, lookup), said)
    line = _known(tx, line)
    tx.db.execute(
        "UPDATE receipt_lines SET lot = ?, expiry = ?, month_only = ?, produced = ?, quantity = ?,"
        " touched_at = (SELECT max(touched_at) + 1 FROM receipt_lines) WHERE line_id = ?",
        (
            line.lot,
            line.expiry.isoformat() if line.expiry else None,
            line.month_only,
            line.produced.isoformat() if line.produced else None,
            line.quantity,
            line.line_id,
        ),
    )
    tx.touch(Topic.STOCK)


def remove(tx: Transaction, line_id: int, lookup: Lookup) -> None:
    """The line with all its codes: nothing of it came in."""
    drafts.line(tx, line_id, lookup)
    tx.db.execute("DELETE FROM receipt_codes WHERE line_id = ?", (line_id,))
    tx.db.execute("DELETE FROM receipt_lines WHERE line_id = ?", (line_id,))
    tx.touch(Topic.STOCK)


def split(tx: Transaction, line_id: int, lookup: Lookup) -> int:
    """A further line of the same product, for its next lot: what is scanned from now on goes there."""
    owners.require(tx, Duty.RECEIVING)
    line = drafts.line(tx, line_id, lookup)
    row = tx.db.execute(
        "INSERT INTO receipt_lines (receipt_id, sku, touched_at) SELECT receipt_id, ?,"
        " (SELECT max(touched_at) + 1 FROM receipt_lines) FROM receipts WHERE committed_at IS NULL RETURNING line_id",
        (line.sku,),
    ).fetchone()
    tx.touch(Topic.STOCK)
    return int(row["line_id"])


def undo(tx: Transaction, lookup: Lookup) -> str:
    """Takes the last scanned code out of the draft; returns it."""
    row = tx.db.execute(
        "SELECT code, line_id FROM receipt_codes JOIN receipt_lines USING (line_id) JOIN receipts USING (receipt_id)"
        " WHERE committed_at IS NULL ORDER BY receipt_codes.at DESC, touched_at DESC, code DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise NotNow("没有可撤销的扫码")
    line = drafts.line(tx, row["line_id"], lookup)
    product = lookup.of_skus([line.sku]).get(line.sku)
    tx.db.execute("DELETE FROM receipt_codes WHERE code = ?", (row["code"],))
    tx.db.execute(
        "UPDATE receipt_lines SET quantity = max(quantity - ?, 0) WHERE line_id = ?",
        (product.per_code if product else 0, line.line_id),
    )
    tx.touch(Topic.STOCK)
    return str(row["code"])


def _said(line: DraftLine, said: Edit) -> DraftLine:
    changes: dict[str, object] = {}
    if said.lot is not None:
        changes["lot"] = said.lot.strip()
        if len(said.lot.strip()) > LONGEST_LOT or not said.lot.isprintable():
            raise NotNow(f"批号最多 {LONGEST_LOT} 个字符，请照药盒填写")
    if said.quantity is not None:
        changes["quantity"] = said.quantity
        if not 0 <= said.quantity <= LARGEST:
            raise NotNow("数量不对，请核对")
    try:
        if said.expiry is not None:
            changes["expiry"], changes["month_only"] = read_day(said.expiry) if said.expiry.strip() else (None, False)
        if said.produced is not None:
            day, is_month = read_day(said.produced) if said.produced.strip() else (None, False)
            if is_month:
                raise NotADay("生产日期请填写到日，如 2026-06-15")
            changes["produced"] = day
    except NotADay as error:
        raise NotNow(str(error)) from error
    return msgspec.structs.replace(line, **changes)


def _known(tx: Transaction, line: DraftLine) -> DraftLine:
    """A lot that the store has already brings its days along; what somebody typed stays, and is compared."""
    held = listing.find(tx, line.sku, line.lot) if line.lot else None
    if held is None:
        return line
    lot = held.lot
    expiry, month_only = (line.expiry, line.month_only) if line.expiry else (lot.expiry, lot.month_only)
    return msgspec.structs.replace(
        line, lot=lot.lot, expiry=expiry, month_only=month_only, produced=line.produced or lot.produced
    )

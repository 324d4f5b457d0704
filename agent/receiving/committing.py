"""The draft becomes goods of this store: stock, lots, codes and the hub's word of it in one transaction."""

import logging

from agent import outbox, owners, stock
from agent.catalogue import Lookup
from agent.erp import writing
from agent.errors import NotFound, NotNow
from agent.lots import keeping
from agent.picking import code_lots
from agent.picking.refusals import Forbidden
from agent.receiving import drafts
from agent.receiving.drafts import DraftLine
from agent.transactions import Reading, Transaction
from domain.lots import KnownLot, Lot, LotSource, same_lot
from domain.operations import GoodsReceived, ReceivedLine
from domain.policy import Duty
from domain.rules import Rule, book
from domain.staff import Actor

log = logging.getLogger(__name__)


def commit(tx: Transaction, receipt_id: str, actor: Actor, lookup: Lookup) -> None:
    """Done before: nothing more happens. Raises NotNow with every line's reasons where it cannot be yet."""
    owners.require(tx, Duty.RECEIVING)
    row = tx.db.execute("SELECT * FROM receipts WHERE receipt_id = ?", (receipt_id,)).fetchone()
    if row is None:
        raise NotFound("没有这张入库单")
    if row["committed_at"] is not None:
        return
    lines = drafts.checked(tx, drafts.lines_of(tx, receipt_id, lookup), lookup)
    if not lines:
        raise NotNow("入库单是空的，请先扫描商品")
    if wants := [want for line in lines for want in line.wants]:
        raise NotNow("；".join(dict.fromkeys(wants)))
    received = tuple(_take_in(tx, line) for line in lines)
    tx.db.execute(
        "UPDATE receipts SET committed_at = ?, staff_id = ? WHERE receipt_id = ?", (tx.now, actor.staff_id, receipt_id)
    )
    outbox.put(tx, GoodsReceived(receipt_id, row["supplier"], row["bill"], received, actor.staff_id))
    writing.received(tx, receipt_id, received, row["supplier"], actor.staff_id)
    tx.note(log, "receipt %s came in: %d lines", receipt_id, len(received))


def _take_in(tx: Transaction, line: DraftLine) -> ReceivedLine:
    if line.expiry is None:
        raise AssertionError(f"line {line.line_id} was let through without an expiry")
    lot = Lot(line.lot, line.expiry, 0, line.produced, line.month_only)
    name = keeping.know(tx, line.sku, lot)
    keeping.shift(tx, line.sku, name, line.quantity)
    stock.add(tx, line.sku, line.quantity)
    codes = _codes(tx, line.line_id)
    for code in codes:
        _agree(tx, code, name)
        known = KnownLot(name, LotSource.RECEIVED, line.expiry, line.produced, line.month_only)
        code_lots.put(tx, code, line.sku, known)
    return ReceivedLine(line.sku, name, line.expiry, line.quantity, line.produced, line.month_only, codes)


def _codes(reading: Reading, line_id: int) -> tuple[str, ...]:
    rows = reading.db.execute("SELECT code FROM receipt_codes WHERE line_id = ? ORDER BY code", (line_id,))
    return tuple(row["code"] for row in rows)


def _agree(reading: Reading, code: str, lot: str) -> None:
    """A supplier's bill, or an earlier reader, said another lot of this very pack: one of both is wrong."""
    known = code_lots.of_code(reading, code)
    if known is not None and not same_lot(known.lot, lot):
        raise Forbidden([book.obstacle(Rule.RECEIVED_LOT_CONFLICT, read=f"…{code[-6:]} {lot}", known=known.lot)])

"""Takes in what the ERP sold, counted and received: each document once, by the ERP's own id, for ever. The same id with
another body changes nothing; it is kept as it came, for a person to look at."""

import hashlib
import logging
from collections import defaultdict
from enum import StrEnum

import msgspec

from agent import outbox, owners, picks
from agent.erp import documents, levels
from agent.errors import NotNow, WorkRefused
from agent.picking import code_lots
from agent.transactions import Reading, Topic, Transaction
from domain.erp import FEED_KIND, MOST_LEVELS, ErpCount, ErpFeed, ErpReceipt, ErpSale
from domain.lots import KnownLot, LotSource
from domain.operations import ErpCounted, ErpReceived, ErpSold
from domain.pieces import pieces
from domain.policy import Duty
from domain.quantity import Quantity
from domain.times import DAY, Millis
from erp.feeds import check, check_marks
from erp.terms import BadValue

log = logging.getLogger(__name__)

_COUNTS_KNOWN: Millis = 7 * DAY
_MOST_PIECES = 1_000
"""The most operations into which one transaction's part of a count is cut for the hub."""


class Taken(StrEnum):
    NEW = "new"
    KNOWN = "known"
    """It came before, word for word."""


class BadFeed(WorkRefused):
    """It cannot be what the ERP meant."""


class IdReused(NotNow):
    """This id came before with another body, which is kept."""


class Conflict(msgspec.Struct, frozen=True):
    conflict_id: int
    kind: str
    document_id: str
    source: str
    at: Millis


def take(tx: Transaction, feed: ErpFeed, source: str, part: int = 0) -> Taken | Conflict:
    """Takes one document. `source` says which connector brought it, `part` counts the transactions of a long count.
    Raises BadFeed for what cannot be so. A `Conflict` is returned, not raised: raising would roll back what is kept."""
    try:
        check(feed)
    except BadValue as error:
        raise BadFeed(str(error)) from error
    body = msgspec.json.encode(feed)
    digest = hashlib.sha256(body).digest()
    known = tx.db.execute(
        "SELECT hash FROM erp_feeds WHERE kind = ? AND document_id = ? AND part = ?",
        (FEED_KIND[type(feed)], feed.document_id, part),
    ).fetchone()
    if known is not None:
        return Taken.KNOWN if known["hash"] == digest else _conflict(tx, feed, part, body, digest, source)
    _check_marks(tx, feed)
    tx.db.execute(
        "INSERT INTO erp_feeds (kind, document_id, part, hash, source, at) VALUES (?, ?, ?, ?, ?, ?)",
        (FEED_KIND[type(feed)], feed.document_id, part, digest, source, tx.now),
    )
    match feed:
        case ErpSale():
            _sold(tx, feed)
        case ErpCount():
            _counted(tx, feed, part)
        case ErpReceipt():
            _received(tx, feed)
    tx.touch(Topic.ERP)
    return Taken.NEW


def _check_marks(tx: Transaction, feed: ErpFeed) -> None:
    """Raises BadFeed."""
    numbers = documents.last_number(tx)
    try:
        check_marks(feed, now=tx.now, last_number=numbers, last_sale=levels.last_sale(tx))
    except BadValue as error:
        raise BadFeed(str(error)) from error


def _sold(tx: Transaction, sale: ErpSale) -> None:
    """Its codes count as sold in this store at once, even while the line to headquarters is cut."""
    deltas: dict[str, Quantity] = defaultdict(int)
    for line in sale.lines:
        deltas[line.sku] -= 0 if sale.returned else line.quantity
    fresh = levels.book(tx, levels.of_sale(sale.document_id), sale.sequence, deltas)
    levels.take_from_lots(tx, sale, fresh)
    if not sale.returned:
        picks.mark_sold(tx, [code for line in sale.lines for code in line.codes], f"erp:{sale.document_id}")
    levels.keep_last_sale(tx, sale.sequence)
    outbox.put(tx, ErpSold(sale))


def _counted(tx: Transaction, count: ErpCount, part: int) -> None:
    """Ids of old counts are forgotten: such a count would change nothing if it came again."""
    if part == 0:
        tx.db.execute("DELETE FROM erp_feeds WHERE kind = 'count' AND at < ?", (tx.now - _COUNTS_KNOWN,))
    told, written = levels.set_levels(tx, count), documents.last_number(tx)
    for place, levels_told in enumerate(pieces(told, MOST_LEVELS)):
        some = msgspec.structs.replace(count, levels=tuple(levels_told))
        outbox.put(tx, ErpCounted(some, part * _MOST_PIECES + place, written))


def _received(tx: Transaction, receipt: ErpReceipt) -> None:
    """Moves stock only where the ERP owns receiving. Which pack is of which lot is written down either way."""
    if not owners.ours(tx, Duty.RECEIVING):
        came: dict[str, Quantity] = defaultdict(int)
        for line in receipt.lines:
            came[line.sku] += line.quantity
        fresh = levels.book(tx, levels.of_receipt(receipt.document_id), receipt.sequence, came)
        levels.take_in_lots(tx, receipt.lines, fresh)
    for line in receipt.lines:
        if line.lot:
            known = KnownLot(line.lot, LotSource.BILL, line.expiry, line.produced, line.month_only)
            for code in line.codes:
                code_lots.put(tx, code, line.sku, known)
    outbox.put(tx, ErpReceived(receipt))


def _conflict(tx: Transaction, feed: ErpFeed, part: int, body: bytes, digest: bytes, source: str) -> Conflict:
    kind = FEED_KIND[type(feed)]
    tx.db.execute(
        "INSERT INTO erp_conflicts (kind, document_id, part, body, hash, source, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (kind, feed.document_id, part, body, digest, source, tx.now),
    )
    row = tx.db.execute(
        "SELECT conflict_id, kind, document_id, source, at FROM erp_conflicts"
        " WHERE kind = ? AND document_id = ? AND part = ? AND hash = ?",
        (kind, feed.document_id, part, digest),
    ).fetchone()
    tx.touch(Topic.ERP)
    tx.note(log, "the ERP sent %s %s again with another body; it is kept aside", kind, feed.document_id)
    return msgspec.convert(dict(row), Conflict)


def conflicts(reading: Reading, limit: int = 50) -> tuple[Conflict, ...]:
    """Those that nobody has looked at yet."""
    rows = reading.db.execute(
        "SELECT conflict_id, kind, document_id, source, at FROM erp_conflicts WHERE seen_at IS NULL"
        " ORDER BY conflict_id LIMIT ?",
        (limit,),
    )
    return tuple(msgspec.convert(dict(row), Conflict) for row in rows)


def seen(tx: Transaction, conflict_id: int) -> None:
    """Somebody looked at it; it stays where it is."""
    tx.db.execute(
        "UPDATE erp_conflicts SET seen_at = ? WHERE conflict_id = ? AND seen_at IS NULL", (tx.now, conflict_id)
    )
    tx.touch(Topic.ERP)


def is_known(reading: Reading, kind: str, document_id: str) -> bool:
    row = reading.db.execute("SELECT 1 FROM erp_feeds WHERE kind = ? AND document_id = ?", (kind, document_id))
    return row.fetchone() is not None


def heard_at(reading: Reading) -> dict[str, Millis]:
    """When the ERP last told us anything, by kind; without those that it never told."""
    newest = "SELECT max(at) FROM erp_feeds WHERE kind = ?"
    asked = {kind: reading.db.execute(newest, (kind,)).fetchone()[0] for kind in FEED_KIND.values()}
    return {kind: at for kind, at in asked.items() if at is not None}


def position(reading: Reading, view: str) -> str | None:
    """How far a view of the ERP's database was read."""
    row = reading.db.execute("SELECT position FROM erp_positions WHERE feed = ?", (view,)).fetchone()
    return None if row is None else str(row["position"])


def keep_position(tx: Transaction, view: str, position: str) -> None:
    tx.db.execute(
        "INSERT INTO erp_positions (feed, position) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET position = excluded.position",
        (view, position),
    )

"""What is over leaves this computer after its time; nothing that headquarters has not acknowledged ever does.

A clock that was wrong removes nothing early: what is compared is headquarters' time, orders are as old as the platform
said, and an acknowledged operation is as old as what was acknowledged around it.

In small batches, each a job of the writer like any other, with a pause after each: a scan waits for one at the most.
The file does not shrink, its pages are used again (measured: docs/data.md).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from agent import outbox, personal, time_floor, trail
from agent.config import KeepSettings
from agent.files import WorkFile
from agent.transactions import Reading, Topic, Transaction
from domain.times import DAY, Millis

log = logging.getLogger(__name__)

ORDERS_AT_ONCE, ROWS_AT_ONCE = 10, 200
PAUSE_S = 0.05
GOODS_FILES_DAYS = 90
_STAYS = frozenset({"outbox", "quarantine", "scans", "orders", "erp_documents"})
"""Tables with an order's id that are not removed with it: they have rules of their own."""

_NO_CLOCK: Millis = 1_735_689_600_000
"""2025: whoever shows less does not know the time."""
_ALL = (1 << 63) - 1
_IS_OVER = "(o.closed_at < :before OR o.closed_at > :now) AND o.placed_at < :before"
"""By a clock that may have been wrong then, and by the platform's."""
_REMOVABLE = f"""
    SELECT o.order_id FROM orders o WHERE {_IS_OVER}
    AND NOT EXISTS (SELECT 1 FROM trail_heads t WHERE t.order_id = o.order_id AND t.told < t.seq)
    AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.order_id = o.order_id AND b.state = 'unsent')
    AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.order_id = o.order_id AND q.settled_at IS NULL)
    AND o.order_id NOT IN (SELECT order_id FROM outbox WHERE order_id IS NOT NULL AND state = 'pending')
    AND o.order_id NOT IN (SELECT order_id FROM outbox WHERE order_id IS NOT NULL AND {outbox.UNDELIVERED})
    ORDER BY o.closed_at LIMIT :most"""
_UNTOLD = f"""
    SELECT o.order_id FROM orders o JOIN trail_heads t USING (order_id)
    WHERE {_IS_OVER} AND t.told < t.seq ORDER BY o.closed_at LIMIT :most"""
_KNOWN_PERSONS = f"""
    SELECT o.order_id FROM orders o JOIN personal_keys k USING (order_id) WHERE {_IS_OVER}
    AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.order_id = o.order_id AND b.state = 'unsent')
    ORDER BY o.closed_at LIMIT :most"""
_DELETIONS = {
    "outbox": f"""DELETE FROM outbox WHERE number IN (SELECT number FROM outbox
        WHERE (state = 'done' OR (state = 'refused' OR given_up_at IS NOT NULL))
        AND number <= (SELECT max(number) FROM outbox WHERE settled_at >= {_NO_CLOCK} AND settled_at < :outbox
        AND number < coalesce((SELECT number FROM outbox WHERE settled_at BETWEEN :outbox AND :now
        ORDER BY number LIMIT 1), {_ALL})) ORDER BY number LIMIT :most)""",
    "scans": """DELETE FROM scans WHERE scan_id IN (SELECT scan_id FROM scans s WHERE judged_at < :orders
        AND NOT EXISTS (SELECT 1 FROM bindings b WHERE b.scan_id = s.scan_id)
        AND NOT EXISTS (SELECT 1 FROM asks a WHERE a.scan_id = s.scan_id) ORDER BY scan_id LIMIT :most)""",
    "slips": """DELETE FROM slips WHERE number IN (SELECT number FROM slips WHERE order_id IS NULL
        AND changed_at < :persons AND state IN ('printed', 'withdrawn', 'unknown') LIMIT :most)""",
    "papers": """DELETE FROM papers WHERE slip_id IN (SELECT slip_id FROM papers WHERE at < :persons LIMIT :most)""",
    "slip_changes": """DELETE FROM slip_changes WHERE change IN (SELECT change FROM slip_changes c WHERE at < :orders
        AND NOT EXISTS (SELECT 1 FROM slips s WHERE s.slip_id = c.slip_id) LIMIT :most)""",
    "erp_effects": """DELETE FROM erp_effects WHERE (sku, lot, document_id) IN
        (SELECT e.sku, e.lot, e.document_id FROM erp_documents d JOIN erp_effects e USING (document_id)
        LEFT JOIN erp_levels l ON l.sku = e.sku WHERE d.answered_at < :orders
        AND d.state IN ('acknowledged', 'settled') AND (l.contains >= e.number OR e.delta = 0) LIMIT :most)""",
    "erp_documents": """DELETE FROM erp_documents WHERE document_id IN
        (SELECT document_id FROM erp_documents d WHERE answered_at < :orders AND state IN ('acknowledged', 'settled')
        AND NOT EXISTS (SELECT 1 FROM erp_effects e WHERE e.document_id = d.document_id) LIMIT :most)""",
    "erp_files": """DELETE FROM erp_files WHERE hash IN (SELECT hash FROM erp_files
        WHERE at < :orders AND (state = 'done' OR seen_at IS NOT NULL) LIMIT :most)""",
    "erp_conflicts": """DELETE FROM erp_conflicts WHERE conflict_id IN (SELECT conflict_id FROM erp_conflicts
        WHERE seen_at < :orders LIMIT :most)""",
    "goods_files": """DELETE FROM goods_files WHERE file_id IN
        (SELECT file_id FROM goods_files WHERE at < :goods_files LIMIT :most)""",
}
"""By the clock alone. Sold codes, lots and what was received stay: the next sale asks them."""


class Removed(msgspec.Struct, frozen=True):
    orders: int = 0
    persons: int = 0
    rows: int = 0

    def __str__(self) -> str:
        return f"removed {self.orders} orders, {self.persons} persons, {self.rows} other rows"


async def remove_old(work: WorkFile, keep: KeepSettings, *, pause: float = PAUSE_S) -> Removed:
    """All that is due. May be cancelled between two batches."""
    now = await work.aread(time_floor.surely)
    before = {
        "now": now,
        "orders": now - keep.orders_days * DAY,
        "persons": now - keep.persons_days * DAY,
        "outbox": now - keep.outbox_days * DAY,
        "goods_files": now - GOODS_FILES_DAYS * DAY,
    }
    await _in_batches(work, partial(_tell_rest, before=before["orders"], now=now), pause)
    persons = await _in_batches(work, partial(_forget_persons, before=before["persons"], now=now), pause)
    orders = await _in_batches(work, partial(_remove_orders, before=before["orders"], now=now), pause)
    rows = 0
    for statement in _DELETIONS.values():
        rows += await _in_batches(work, partial(_delete, statement=statement, before=before), pause)
    return Removed(orders, persons, rows)


async def _in_batches(work: WorkFile, batch: Callable[[Transaction], int], pause: float) -> int:
    all_of_them = 0
    while done := await work.awrite(batch):
        all_of_them += done
        await asyncio.sleep(pause)
    return all_of_them


def _tell_rest(tx: Transaction, before: Millis, now: Millis) -> int:
    """Steps after an order's last rest, such as a slip that was looked for: only once they are told may it go."""
    orders = _ids(tx, _UNTOLD, before, now)
    for order_id in orders:
        trail.tell(tx, order_id)
    return len(orders)


def _forget_persons(tx: Transaction, before: Millis, now: Millis) -> int:
    orders = _ids(tx, _KNOWN_PERSONS, before, now)
    for order_id in orders:
        personal.erase(tx, order_id)
    return len(orders)


def _remove_orders(tx: Transaction, before: Millis, now: Millis) -> int:
    orders = _ids(tx, _REMOVABLE, before, now)
    if not orders:
        return 0
    for order_id in orders:
        slips = "(SELECT slip_id FROM slips WHERE order_id = ?)"
        tx.db.execute(f"DELETE FROM papers WHERE slip_id IN {slips}", (order_id,))
        tx.db.execute(f"DELETE FROM slip_changes WHERE slip_id IN {slips}", (order_id,))
        for table in _tables_of_orders(tx):
            tx.db.execute(f'DELETE FROM "{table}" WHERE order_id = ?', (order_id,))
        tx.db.execute("DELETE FROM orders WHERE order_id = ?", (order_id,))
    tx.touch(Topic.ORDERS)
    return len(orders)


def _tables_of_orders(reading: Reading) -> Iterable[str]:
    rows = reading.db.execute(
        "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND c.name = 'order_id' ORDER BY t.name"
    ).fetchall()
    return [row["name"] for row in rows if row["name"] not in _STAYS]


def _ids(reading: Reading, statement: str, before: Millis, now: Millis) -> list[str]:
    rows = reading.db.execute(statement, {"before": before, "now": now, "most": ORDERS_AT_ONCE}).fetchall()
    return [row["order_id"] for row in rows]


def _delete(tx: Transaction, statement: str, before: dict[str, Millis]) -> int:
    used = {name: at for name, at in before.items() if f":{name}" in statement}
    return tx.db.execute(statement, {**used, "most": ROWS_AT_ONCE}).rowcount

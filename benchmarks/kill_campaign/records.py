"""What hub and stores have in the end, read from their files with plain SQL: none of the product's code is asked."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysqlite3

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class StoreRecords:
    """`orders` are (order_id, channel_order_id, state), `outbox` (key, number, kind, body, state), `slips` (order_id,
    kind, issue, copy, state), `bindings` (order_id, code, released), `scans` (code, rule), `cursors` seq by log."""

    store: str
    orders: Rows
    outbox: Rows
    slips: Rows
    bindings: Rows
    scans: Rows
    cursors: dict[str, tuple[str, int]]
    quarantined: int


@dataclass(frozen=True, slots=True)
class HubRecords:
    """`orders` are (order_id, channel_order_id, store, state), `operations` (store, key, number, kind, body),
    `bindings` (order_id, code, released), `on_hand` by store and SKU, `heads` as a store's cursors."""

    orders: Rows
    operations: Rows
    bindings: Rows
    sales: Rows
    on_hand: dict[tuple[str, str], int]
    heads: dict[str, tuple[str, int]]


@contextmanager
def reading(path: Path) -> Iterator[Any]:
    with closing(pysqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10.0)) as db:
        db.execute("BEGIN")
        yield db


def of_store(store: str, work: Path) -> StoreRecords:
    with reading(work) as db:
        return StoreRecords(
            store,
            orders=_all(db, "SELECT order_id, channel_order_id, state FROM orders"),
            outbox=_all(db, "SELECT key, number, kind, body, state FROM outbox ORDER BY number"),
            slips=_all(db, "SELECT order_id, kind, issue, copy, state FROM slips WHERE order_id IS NOT NULL"),
            bindings=_all(db, "SELECT order_id, code, released_at IS NOT NULL FROM bindings WHERE code IS NOT NULL"),
            scans=[(bytes(raw).decode(), rule) for raw, rule in _all(db, "SELECT raw, rule FROM scans")],
            cursors={log: (log_id, seq) for log, log_id, seq in _all(db, "SELECT log, log_id, seq FROM cursors")},
            quarantined=_all(db, "SELECT count(*) FROM quarantine")[0][0],
        )


def of_hub(path: Path) -> HubRecords:
    with reading(path) as db:
        return HubRecords(
            orders=_all(db, "SELECT order_id, channel_order_id, store, state FROM orders"),
            operations=_all(db, "SELECT store, key, number, kind, body FROM operations"),
            bindings=_all(db, "SELECT order_id, code, released_at IS NOT NULL FROM bindings WHERE code IS NOT NULL"),
            sales=_all(db, "SELECT store, sale_id FROM sales"),
            on_hand={(store, sku): have for store, sku, have in _all(db, "SELECT store, sku, on_hand FROM stock")},
            heads={log: (log_id, head) for log, log_id, head in _all(db, "SELECT log, log_id, head FROM log_heads")},
        )


def _all(db: Any, query: str) -> Rows:
    rows: Rows = db.execute(query).fetchall()
    return rows

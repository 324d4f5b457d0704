"""What hub and stores have in the end, read from their files with plain SQL: none of the product's code is asked.
`tests.history.files` reads what every history has; this, what only people and paper can be held against."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.engine import sqlite3

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class StoreRecords:
    """`orders` are (order_id, channel_order_id, state), `outbox` (kind, body) in their order, `slips` (order_id, kind,
    copy, state), `bindings` (order_id, code), `scans` (code, rule)."""

    store: str
    orders: Rows
    outbox: Rows
    slips: Rows
    bindings: Rows
    scans: Rows


@dataclass(frozen=True, slots=True)
class HubRecords:
    """`orders` are (order_id, channel_order_id, state), `bindings` (order_id, code), `sales` (store, sale_id),
    `on_hand` by store and SKU."""

    orders: Rows
    bindings: Rows
    sales: Rows
    on_hand: dict[tuple[str, str], int]


@contextmanager
def reading(path: Path) -> "Iterator[sqlite3.Connection]":
    """One moment of a file that others write to."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10.0)) as db:
        db.execute("BEGIN")
        yield db


def of_store(store: str, work: Path) -> StoreRecords:
    with reading(work) as db:
        return StoreRecords(
            store,
            orders=_all(db, "SELECT order_id, channel_order_id, state FROM orders"),
            outbox=_all(db, "SELECT kind, body FROM outbox ORDER BY number"),
            slips=_all(db, "SELECT order_id, kind, copy, state FROM slips WHERE order_id IS NOT NULL"),
            bindings=_all(db, "SELECT order_id, code FROM bindings WHERE code IS NOT NULL"),
            scans=[(bytes(raw).decode(), rule) for raw, rule in _all(db, "SELECT raw, rule FROM scans")],
        )


def of_hub(path: Path) -> HubRecords:
    with reading(path) as db:
        return HubRecords(
            orders=_all(db, "SELECT order_id, channel_order_id, state FROM orders"),
            bindings=_all(db, "SELECT order_id, code FROM bindings WHERE code IS NOT NULL"),
            sales=_all(db, "SELECT store, sale_id FROM sales"),
            on_hand={(store, sku): have for store, sku, have in _all(db, "SELECT store, sku, on_hand FROM stock")},
        )


def heads(path: Path) -> dict[str, tuple[str, int]]:
    """Of the hub's logs: incarnation and last number."""
    with reading(path) as db:
        return {log: (log_id, head) for log, log_id, head in _all(db, "SELECT log, log_id, head FROM log_heads")}


def _all(db: "sqlite3.Connection", query: str) -> Rows:
    rows: Rows = db.execute(query).fetchall()
    return rows

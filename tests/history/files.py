"""What the data files of hub and agents say when a run is over, as records of its history."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from agent.engine import sqlite3
from domain.operations import SaleLine
from domain.protocol import Outcome

Record = dict[str, Any]

_HUB = {
    "hub_order": "SELECT order_id, channel, channel_order_id, store, state, placed_seq FROM orders",
    "hub_line": "SELECT order_id, line_id, sku, quantity, short, struck FROM order_lines",
    "hub_refund": "SELECT order_id, refund_id, state FROM refunds",
    "hub_exception": "SELECT exception_id, order_id, kind AS about, closed_at IS NULL AS open FROM exceptions",
    "hub_head": "SELECT log, log_id, head, floor FROM log_heads",
    "hub_binding": "SELECT order_id, place, code, quantity, opened FROM bindings WHERE released_at IS NULL",
    "hub_listed": "SELECT code FROM listed_codes WHERE list = 'sold'",
    "ledger": "SELECT store, sku, kind AS why, delta, reference FROM stock_ledger ORDER BY at, entry_id",
    "hub_level": "SELECT store, sku, on_hand FROM stock",
    "hub_audit": "SELECT store, seq, action, subject FROM audit WHERE action IN"
    " ('pick.started', 'pick.completed', 'order.handed_over')",
    "late_count": "SELECT store, subject AS sku FROM audit WHERE action = 'stock.counted' AND detail LIKE '%, late'",
    "held": "SELECT store, key, number, incarnation, kind AS op, order_id, reason, why FROM set_aside"
    " WHERE state = 'open' ORDER BY store, sequence",
    "slip_step": "SELECT slip_id, place, state FROM slip_steps",
}
_AGENT = {
    "order": "SELECT order_id, channel, channel_order_id, state FROM orders",
    "line": "SELECT order_id, line_id, sku, quantity, short, struck FROM lines",
    "refund": "SELECT order_id, refund_id, state FROM refunds",
    "exception": "SELECT exception_id, order_id, kind AS about, closed_at IS NULL AS open FROM exceptions",
    "pick": "SELECT order_id, state FROM picks WHERE completed_at IS NOT NULL",
    "level": "SELECT sku, on_hand FROM stock",
    "slip": "SELECT slip_id, order_id, kind AS slip, issue, copy, subject, state, cause FROM slips",
}
_LISTED = "SELECT code FROM listed_codes WHERE list = 1"
"""Sold (`agent.code_lists`)."""
_NOTED = "SELECT codes FROM code_news"
_CURSORS = "SELECT log, log_id, seq FROM cursors"
_OUTBOX = "SELECT key, number, kind AS op, order_id, body, state FROM outbox"
_OPERATIONS = "SELECT store, device, key, number, kind AS op, order_id, body, outcome FROM operations"
_SALES = "SELECT store, sale_id, lines FROM sales"
_QUARANTINE = "SELECT count(*) AS count FROM quarantine"
_LEVELS = "SELECT store, sku, on_hand, reserved FROM stock"
_HELD = "SELECT store, sku, sum(quantity) AS held FROM reservations WHERE state = 'held' GROUP BY store, sku"
_SUMS = "SELECT store, sku, sum(delta) AS total FROM stock_ledger GROUP BY store, sku"


def of_hub(file: Path) -> Iterator[Record]:
    """A hub's SQLite file. It may still be open elsewhere."""
    with _opened(file) as db:
        for kind, query in _HUB.items():
            yield from ({"kind": kind, **row} for row in _rows(db, query))
        for row in _rows(db, _OPERATIONS):
            outcome = msgspec.json.decode(row.pop("outcome"), type=Outcome)
            yield {"kind": "hub_operation", **row, "body": digest(row["body"]), "state": outcome.state.value}
        for row in _rows(db, _SALES):
            lines = msgspec.json.decode(row.pop("lines"), type=tuple[SaleLine, ...])
            yield {"kind": "hub_sale", **row, "codes": [code for line in lines for code in line.codes]}
        for row in _rows(db, _NOTED):
            yield from ({"kind": "hub_noted", "code": code} for code in msgspec.json.decode(row["codes"]))
        yield from _imbalances(db)


def of_agent(node: str, work: Path, cache: Path) -> Iterator[Record]:
    with _opened(work) as db:
        for kind, query in _AGENT.items():
            yield from ({"kind": kind, "node": node, **row} for row in _rows(db, query))
        for row in _rows(db, _OUTBOX):
            yield {"kind": "outbox", "node": node, **row, "body": digest(row["body"])}
        yield from ({"kind": "quarantined", "node": node, **row} for row in _rows(db, _QUARANTINE))
        yield from ({"kind": "cursor", "node": node, **row} for row in _rows(db, _CURSORS))
    with _opened(cache) as db:
        yield from ({"kind": "listed", "node": node, **row} for row in _rows(db, _LISTED))
        yield from ({"kind": "cursor", "node": node, **row} for row in _rows(db, _CURSORS))


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _imbalances(db: sqlite3.Connection) -> Iterator[Record]:
    """As `cloud.stock.imbalances`, from the tables alone."""
    sums = {(row["store"], row["sku"]): row["total"] for row in _rows(db, _SUMS)}
    held = {(row["store"], row["sku"]): row["held"] for row in _rows(db, _HELD)}
    for row in _rows(db, _LEVELS):
        key = (row["store"], row["sku"])
        if row["on_hand"] != sums.pop(key, 0) or row["reserved"] != held.pop(key, 0):
            yield {"kind": "imbalance", "store": key[0], "sku": key[1]}
    for store, sku in sums.keys() | held.keys():
        yield {"kind": "imbalance", "store": store, "sku": sku}


def _opened(file: Path) -> closing[sqlite3.Connection]:
    """Read only."""
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return closing(db)


def _rows(db: sqlite3.Connection, query: str) -> Iterator[Record]:
    return (dict(row) for row in db.execute(query))

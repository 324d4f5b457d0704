"""What the hub has, compared with what stood in the outbox: read from the two files while nothing runs."""

import shutil
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pysqlite3


class Found(msgspec.Struct, frozen=True):
    """`lost`: an operation without its effect, or not answered. `doubled`: an effect more than once."""

    operations: int
    lost: int
    doubled: int


def check(outbox_db: Path, hub_db: Path) -> Found:
    written = _rows(outbox_db, "SELECT key, kind, order_id, state, json(body) FROM outbox")
    effects = Counter(key for key, _ in _rows(hub_db, "SELECT key, number FROM operations"))
    ledger = Counter(_rows(hub_db, "SELECT kind, reference, sku FROM stock_ledger"))
    bags = Counter(order_id for (order_id,) in _rows(hub_db, "SELECT order_id FROM bindings"))
    handed = {order_id for (order_id,) in _rows(hub_db, "SELECT order_id FROM orders WHERE state = 'handed_over'")}
    lost = len(_rows(hub_db, "SELECT 1 FROM set_aside WHERE state = 'open'"))
    doubled = sum(times - 1 for times in effects.values())
    for key, kind, order_id, state, body in written:
        lost += state != "done" or key not in effects
        content = msgspec.json.decode(body)
        if kind == "sale.recorded":
            moved = ledger["sale", key, content["lines"][0]["sku"]]
            lost, doubled = lost + (moved == 0), doubled + max(moved - 1, 0)
        elif kind == "pick.completed":
            packs = len(content["bindings"])
            lost, doubled = lost + max(packs - bags[order_id], 0), doubled + max(bags[order_id] - packs, 0)
        elif kind == "order.handed_over":
            lost += order_id not in handed
    return Found(len(written), lost, doubled)


FLAWS: dict[str, str] = {
    "an operation dropped": "DELETE FROM operations WHERE key = (SELECT min(key) FROM operations)",
    "a sale without its effect": "DELETE FROM stock_ledger WHERE entry_id = "
    "(SELECT min(entry_id) FROM stock_ledger WHERE kind = 'sale')",
    "a sale booked twice": "INSERT INTO stock_ledger (chain, entry_id, store, sku, kind, delta, reference, at) "
    "SELECT chain, 'again', store, sku, kind, delta, reference, at FROM stock_ledger WHERE kind = 'sale' LIMIT 1",
    "a bag bound twice": "INSERT INTO bindings (chain, order_id, place, line_id, quantity, store, at) "
    "SELECT chain, order_id, place + 1000, line_id, quantity, store, at FROM bindings LIMIT 1",
}
"""What the check must find, made in a copy of the hub's file."""


def caught(outbox_db: Path, hub_db: Path, folder: Path) -> dict[str, bool]:
    found = {}
    for number, (name, spoil) in enumerate(FLAWS.items()):
        copy = folder / f"spoilt_{number}.db"
        shutil.copy(hub_db, copy)
        with closing(pysqlite3.connect(copy)) as db, db:
            db.execute(spoil)
        result = check(outbox_db, copy)
        found[name] = result.lost + result.doubled > 0
    return found


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(pysqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows: list[tuple[Any, ...]] = db.execute(query).fetchall()
        return rows

"""How large snapshots are and how long they take: a store of 10,000 products with two lots each and two weeks of orders
is folded, written, and loaded into a new agent's files; beside it a chain-wide log of a million rows, for the memory.

`seconds_at_20_mbit` is the way of both files over such a line. `lost` counts products and orders that did not arrive.
"""

import gc
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import insert

from agent.files import CACHE, WORK, CacheFile, DataFile, WorkFile
from agent.snapshots.loading import load
from agent.snapshots.reading import Snapshot
from benchmarks import figures
from cloud import chain, eventlog, tables
from cloud.commit import transact
from cloud.database import Database, migrate, open_database
from cloud.snapshots import writing
from cloud.snapshots.folds import fold_of
from cloud.snapshots.rows import View
from cloud.snapshots.writing import Sealing
from cloud.vault import Vault
from domain.events import CATALOGUE, store_log
from domain.ids import order_identity
from domain.lots import Lot
from domain.orders import OPEN, OrderState
from domain.products import Product
from domain.quantity import units
from domain.times import DAY, MINUTE

CHAIN, STORE, NOW = "c", "S1", 1_795_233_600_000
SKUS, SKUS_SHORT = 10_000, 500
ORDERS, ORDERS_SHORT = 300 * 14, 60
ROWS, ROWS_SHORT = 1_000_000, 5_000
OPEN_ORDERS, LINES, AT_ONCE = 40, 3, 5_000
MBIT = 20 * 1_000_000 / 8
KEY = bytes(range(32))


def main() -> None:
    options = figures.options("snapshots", "Folds, writes and loads a store's snapshots; prints sizes and times.")
    skus, orders, rows = (SKUS_SHORT, ORDERS_SHORT, ROWS_SHORT) if options.short else (SKUS, ORDERS, ROWS)
    with tempfile.TemporaryDirectory() as folder:
        found = store_of(Path(folder), skus, orders) | long_log(Path(folder), rows)
    figures.report(found, quiet=options.json)


def store_of(folder: Path, skus: int, orders: int) -> dict[str, float | int | str]:
    database = hub_with(folder / "hub.db", skus, orders)
    sizes: dict[str, int] = {}
    began = time.monotonic()
    for log in (store_log(STORE), CATALOGUE):
        sizes[log] = taken(database, log, folder / f"{len(sizes)}.gz")
    built = time.monotonic() - began
    database.close()
    began = time.monotonic()
    work = WorkFile(folder / WORK, master_key=KEY, clock=lambda: NOW)
    cache = CacheFile(folder / CACHE, clock=lambda: NOW)
    with work, cache:
        for place, (log, file) in enumerate({store_log(STORE): work, CATALOGUE: cache}.items()):
            put(file, log, folder / f"{place}.gz")
        loaded = time.monotonic() - began
        lost = (
            3 * skus + orders
            - count(work, "stock") - count(work, "orders") - count(cache, "products")
            - count(work, "lots") // 2
        )  # fmt: skip
    return {
        "skus": skus,
        "orders": orders,
        "store_kb": sizes[store_log(STORE)] / 1000,
        "catalogue_kb": sizes[CATALOGUE] / 1000,
        "build_s": built,
        "load_s": loaded,
        "seconds_at_20_mbit": sum(sizes.values()) / MBIT,
        "lost": lost,
    }


def long_log(folder: Path, rows: int) -> dict[str, float | int | str]:
    """Peaks only ever grow, so what was before is counted first."""
    database = hub_with(folder / "long.db", 1, 0)
    for first in range(0, rows, AT_ONCE):
        with database.write() as connection:
            connection.execute(insert(tables.products), list(products(first, min(first + AT_ONCE, rows))))
    gc.collect()
    before, began = peak_mb(), time.monotonic()
    size = taken(database, CATALOGUE, folder / "long.gz")
    database.close()
    return {
        "rows": rows,
        "rows_kb": size / 1000,
        "rows_s": time.monotonic() - began,
        "rows_mb_of_memory": peak_mb() - before,
    }


def hub_with(path: Path, skus: int, orders: int) -> Database:
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    dice = Random(1)
    with transact(database, CHAIN, lambda: NOW, dice.randbytes, Vault(KEY)) as tx:
        chain.put_store(tx, STORE, "一店")
        lots = (Lot("B1", date(2027, 5, 31), units(9)), Lot("B2", date(2028, 1, 31), units(3)))
        for number in range(skus):
            chain.put_product(tx, product(number))
            chain.set_stock(tx, STORE, f"M{number:06}", units(12), shelf=f"A-{number % 99}", lots=lots)
    with database.write() as connection:
        for number in range(orders):
            state = OrderState.ACCEPTED if number < OPEN_ORDERS else OrderState.COMPLETED
            _order(connection, number, state, dice, skus)
    return database


def _order(connection: Any, number: int, state: OrderState, dice: Random, skus: int) -> None:
    placed_at = NOW - (number % (14 * 24 * 60)) * MINUTE
    order_id, code = order_identity(CHAIN, "meituan", str(number), placed_at)
    row = {
        "chain": CHAIN, "order_id": order_id, "channel": "meituan", "channel_order_id": str(number),
        "shown_id": f"2706{number:012}", "shop": "1", "store": STORE, "day_number": number % 300, "code": code,
        "state": state.value, "rider": "none", "placed_at": placed_at, "booked": 0, "prescription": 0, "pick_up": 0,
        "total": 3_000, "received_at": placed_at, "placed_seq": 1, "printed_at": placed_at,
    }  # fmt: skip
    connection.execute(insert(tables.orders), [row])
    line = {
        "chain": CHAIN, "order_id": order_id, "name": "阿莫西林胶囊", "spec": "0.25g*24粒", "unit": "盒",
        "quantity": 1_000, "price": 1_000, "gift": 0, "short": 0, "struck": 0,
    }  # fmt: skip
    lines = [(place, f"M{dice.randrange(skus):06}") for place in range(1, LINES + 1)]
    connection.execute(
        insert(tables.order_lines),
        [{**line, "line_id": place, "channel_sku": sku, "sku": sku} for place, sku in lines],
    )
    if state not in OPEN:
        bag = {"chain": CHAIN, "order_id": order_id, "quantity": 1_000, "lot": "B1", "store": STORE, "at": placed_at}
        connection.execute(
            insert(tables.bindings),
            [{**bag, "place": place, "line_id": place, "code": f"8{dice.randrange(10**19):019}"} for place, _ in lines],
        )


def product(number: int) -> Product:
    return Product(
        f"M{number:06}", f"阿莫西林克拉维酸钾片{number}", "0.25g*24片", "盒", "某某制药有限公司", (f"69{number:011}",),
        (f"8{number:06}",),
    )  # fmt: skip


def products(first: int, last: int) -> Iterator[dict[str, object]]:
    for number in range(first, last):
        body = msgspec.json.encode(product(number))
        yield {"chain": CHAIN, "sku": f"P{number:07}", "name": "药", "body": body}


def taken(database: Database, log: str, path: Path) -> int:
    with database.read() as connection:
        (head,) = eventlog.heads(connection, CHAIN, [log])
        sealing = Sealing(Vault(KEY), KEY, Random(2).randbytes)
        writing.write(path, head, View(connection, CHAIN, NOW + DAY // 2), fold_of(log), sealing)
    return path.stat().st_size


def put(file: DataFile, log: str, path: Path) -> None:
    snapshot = Snapshot(path, KEY)
    header = snapshot.check()
    file.write(lambda tx: load(tx, log, header, snapshot))


def count(file: DataFile, table: str) -> int:
    return file.read(lambda reading: int(reading.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

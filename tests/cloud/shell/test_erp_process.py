"""An ERP in a process of its own beside a working hub, killed again and again: no order is keyed twice, no sold stock
comes back to life, every completed pick and return is one document, acknowledged once."""

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import msgspec
from sqlalchemy import select

from cloud import policy, stock, tables
from cloud.transaction import Transaction
from domain.operations import GoodsReturned, Operation, OperationBody, PickCompleted, encode_body
from domain.picks import Binding
from domain.policy import ChainPolicy, ErpDelivery
from domain.quantity import units
from tests.cloud.shell.fake_erp import BEGINS_WITH, SKU, STORE, opened
from tests.cloud.shell.serving import RunningHub

LIVES, ORDERS_A_LIFE, LIFE_S = 4, 3, 0.6
CHAIN = "main"


class Store:
    """What its agent tells: each operation twice."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub, self.client, self.number, self.packed = hub, hub.client(hub.pair()), 0, 0
        self.known: set[str] = set()

    def sell(self, name: str, *, returned: bool) -> None:
        self.hub.order(name, {SKU: 1}).raise_for_status()
        orders = self.hub.operator().get("/api/orders").json()["orders"]
        (order_id,) = {each["order_id"] for each in orders} - self.known
        self.known.add(order_id)
        pack = Binding(1, f"8123456{self.number:013d}", units(1))
        self._tell(PickCompleted(order_id, (pack,)))
        self.packed += 1
        if returned:
            self._tell(GoodsReturned(order_id, f"r-{name}", (pack,)))

    def _tell(self, body: OperationBody) -> None:
        self.number += 1
        operation = Operation(
            f"key-{self.number}", self.number, body.kind, 1, 1_795_233_600_000, msgspec.Raw(encode_body(body))
        )
        for _ in range(2):
            answer = self.client.post("/edge/operations", content=msgspec.json.encode([operation]))
            assert answer.raise_for_status().json()[0]["state"] == "done"


@contextmanager
def erp(database: Path, hub: RunningHub, token: str, seed: int) -> Iterator[None]:
    """Until it is killed -9."""
    command = [sys.executable, "-m", "tests.cloud.shell.fake_erp", str(database), hub.url, token, str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "HERE\n"
        try:
            yield
        finally:
            process.kill()


def on_hand(hub: RunningHub) -> int:
    found: list[int] = []
    hub.beside(lambda tx: found.append(stock.levels(tx.connection, CHAIN, STORE)[SKU].on_hand // units(1)))
    return found[0]


def shelf(database: Path, packed: int) -> tuple[int, int]:
    """What really stands there, and what was sold at the counter and not told yet."""
    with closing(opened(database)) as db:
        (moved,) = db.execute("SELECT coalesce(sum(moved), 0) FROM feeds").fetchone()
        (untold,) = db.execute("SELECT coalesce(-sum(moved), 0) FROM feeds WHERE sent = 0 AND moved < 0").fetchone()
    return BEGINS_WITH + moved - packed, untold


def test_killed_at_any_moment_both_books_agree(hub: RunningHub, tmp_path: Path) -> None:
    hub.beside(lambda tx: policy.put(tx, ChainPolicy(erp=ErpDelivery.HEADQUARTERS), by="test"))
    token = hub.operator().post("/api/erp/tokens", json={"name": "erp"}).raise_for_status().json()["token"]
    database, store = tmp_path / "erp.db", Store(hub)
    for life in range(LIVES):
        with erp(database, hub, token, life):
            for number in range(ORDERS_A_LIFE):
                store.sell(f"o-{life}-{number}", returned=number == 0)
            time.sleep(LIFE_S)
        if life == 1:
            hub.stop()
            hub.start()
        boxes, untold = shelf(database, store.packed)
        assert on_hand(hub) <= boxes + untold
    with erp(database, hub, token, LIVES):
        until_quiet(database, hub.operator(), store.packed + LIVES)
    boxes, untold = shelf(database, store.packed)
    assert on_hand(hub) <= boxes + untold
    with closing(sqlite3.connect(database)) as db:
        keyed = Counter(kind for (kind,) in db.execute("SELECT kind FROM booked"))
        ids = [name for (name,) in db.execute("SELECT document_id FROM booked")]
    assert keyed == {"sale": store.packed, "return": LIVES}
    answered: list[str] = []
    balanced: list[str] = []

    def look(tx: Transaction) -> None:
        connection = tx.connection
        a = tables.audit.c
        answered.extend(connection.execute(select(a.subject).where(a.action == "erp.answered")).scalars())
        balanced.extend(stock.imbalances(connection, CHAIN))

    hub.beside(look)
    assert sorted(answered) == sorted(ids), "each acknowledged once"
    assert balanced == []


def until_quiet(database: Path, operator: httpx.Client, documents: int) -> None:
    """All are booked, and a count of after that was taken."""
    for _ in range(4000):
        with closing(sqlite3.connect(database, timeout=10)) as db:
            (booked,) = db.execute("SELECT count(*) FROM booked").fetchone()
        owed = sum(store["owed"] for store in operator.get("/api/erp").json()["stores"])
        if booked == documents and owed == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"{booked} of {documents} are booked, {owed} owed")

"""A store comes back after a month without a line: how long until headquarters has everything, each thing once?

`python -m benchmarks.drain [--short] [--json]`. A real hub and a real agent as processes. The outbox is the agent's own
file, filled by the agent's own code on a clock that went through thirty days. A tenth is then sent once more under the
same keys, as after an agent was restored from an image. The baseline is the same agent sending one operation a request.

`poison_delay_ms`: how long after its commit at the hub an order is applied in the store when the event right before it
cannot be read there; `clean_delay_ms` is the same with nothing before it.
"""

import http.client
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pysqlite3

from agent.files import WORK
from benchmarks import figures
from benchmarks.drain.checking import Found, caught, check
from benchmarks.drain.month import OF_AN_ORDER, SHARE_OF_ORDERS, SKUS, Done, Line, fill, month
from benchmarks.order_to_paper import ENOUGH_STOCK, FIRST_ORDER, push
from installer.demo.processes import Program
from installer.demo.world import World


class Size(msgspec.Struct, frozen=True):
    """`count` operations of the month, `alone` of the baseline, `rounds` orders behind a poisoned one."""

    count: int
    alone: int
    rounds: int


FULL, SHORT = Size(10_000, 1_000, 20), Size(1_000, 0, 3)
LONGEST_S = 600.0
POISONED = FIRST_ORDER + 500_000
"""Orders from this number on reach their store's log spoilt."""


class Place:
    """The world's files and its one store."""

    def __init__(self, world: World) -> None:
        self.world, self.store = world, world.chain.stores[0].store
        self.work_db, self.hub_db = world.data / "stores" / self.store / WORK, world.hub_folder / "hub.db"
        self.agent = world.agents[self.store]
        toml = world.data / "stores" / self.store / "agent.toml"
        self.alone = Program(
            "agent", "benchmarks.drain.one_by_one", ["--config", str(toml), "run"], world.data / "logs" / "alone.log",
            self.agent.ready,
        )  # fmt: skip

    def one(self, path: Path, query: str, *values: object) -> int:
        with closing(pysqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
            (row,) = db.execute(query, values).fetchone()
            return int(row or 0)

    def knows(self, orders: int) -> bool:
        return self.one(self.work_db, "SELECT count(*) FROM orders") == orders

    def waiting(self) -> int:
        return self.one(self.work_db, "SELECT count(*) FROM outbox WHERE state = 'pending'")

    def settled_within(self, first: int) -> float:
        """Seconds between the first and the last answer to what has this number or a later one."""
        said = "SELECT max(settled_at) - min(settled_at) FROM outbox WHERE number >= ?"
        return max(self.one(self.work_db, said, first), 1) / 1000

    def send_again(self) -> None:
        """A tenth, as if its answers had been lost. A sale of today wakes the agent's sender."""
        self.change(self.work_db, "UPDATE outbox SET state = 'pending', settled_at = NULL WHERE number % 10 = 0")
        headers = {"Authorization": f"Bearer {self.world.page_token(self.store)}"}
        sale = {"lines": [{"sku": SKUS[0], "quantity": 1000}]}
        httpx.post(f"{self.world.page_url(self.store)}/api/sales", json=sale, headers=headers, trust_env=False)
        until(lambda: self.waiting() == 0, "what was sent again")

    def lines(self, orders: int) -> list[Line]:
        """Of the first so many orders."""
        with closing(pysqlite3.connect(f"file:{self.work_db}?mode=ro", uri=True)) as db:
            rows = db.execute(
                "SELECT order_id, line_id, quantity / 1000 FROM lines WHERE order_id IN"
                " (SELECT order_id FROM orders ORDER BY applied_at, order_id LIMIT ?) ORDER BY order_id, line_id",
                (orders,),
            )
            return [Line(*row) for row in rows]

    def change(self, path: Path, statement: str) -> None:
        with closing(pysqlite3.connect(path, timeout=10)) as db, db:
            db.execute(statement)


def drained(place: Place, program: Program) -> float:
    """Seconds from the start of the agent's program until nothing waits any more."""
    began = time.monotonic()
    program.start()
    until(lambda: place.waiting() == 0, "the outbox to drain", every=0.02)
    return time.monotonic() - began


def until(so: Callable[[], bool], what: str, every: float = 0.05) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {LONGEST_S:.0f} s for {what}")
        time.sleep(every)


def measure(place: Place, size: Size, folder: Path) -> dict[str, float | int]:
    orders = int(size.count * SHARE_OF_ORDERS) // OF_AN_ORDER
    url = urlsplit(place.world.hub_url)
    line = http.client.HTTPConnection(str(url.hostname), url.port)
    for number in range(orders):
        push(line, place.world, number)
    until(partial(place.knows, orders), "the orders")
    delays = poison_delays(place, line, size.rounds)
    until(lambda: place.waiting() == 0, "the line's own operations")
    place.agent.stop()

    seen = place.one(place.work_db, "SELECT seq FROM cursors WHERE log LIKE 'store:%'")
    done = list(month(place.lines(orders), size.alone + size.count, seen))
    alone = one_by_one(place, done[: size.alone])
    fill(place.work_db, done[size.alone :], now())
    first = place.one(place.work_db, "SELECT min(number) FROM outbox WHERE state = 'pending'")
    seconds = drained(place, place.agent)
    sending_s = place.settled_within(first)
    place.send_again()
    place.agent.stop()
    while place.waiting():  # done while it was on its way out: told at the next start
        drained(place, place.agent)
        place.agent.stop()
    place.world.hub.stop()
    checked = result(place, folder)
    return {**checked, "seconds": seconds, "sending_s": sending_s, "per_s": size.count / sending_s, **alone, **delays}


def one_by_one(place: Place, some: Sequence[Done]) -> dict[str, float]:
    """The baseline, where there is time for it."""
    if not some:
        return {}
    fill(place.work_db, some, now())
    first = place.one(place.work_db, "SELECT min(number) FROM outbox WHERE state = 'pending'")
    drained(place, place.alone)
    place.alone.stop()
    return {"one_by_one_per_s": len(some) / place.settled_within(first)}


def result(place: Place, folder: Path) -> dict[str, int]:
    found: Found = check(place.work_db, place.hub_db)
    mutants = caught(place.work_db, place.hub_db, folder)
    print("checked against: " + ", ".join(f"{name} {'caught' if seen else 'MISSED'}" for name, seen in mutants.items()))
    return {
        "operations": found.operations,
        "lost": found.lost,
        "doubled": found.doubled,
        "mutants": len(mutants),
        "mutants_caught": sum(mutants.values()),
    }


def poison_delays(place: Place, line: http.client.HTTPConnection, rounds: int) -> dict[str, float]:
    """The log itself brings something that cannot be read: a body that the hub's file spoils as it is written."""
    place.change(
        place.hub_db,
        f"""CREATE TRIGGER poison AFTER INSERT ON events WHEN NEW.kind = 'order.placed'
        AND CAST(json_extract(CAST(NEW.body AS TEXT), '$.order.channel_order_id') AS INTEGER) >= {POISONED}
        BEGIN UPDATE events SET body = CAST('{{"order":7}}' AS BLOB)
        WHERE chain = NEW.chain AND log = NEW.log AND seq = NEW.seq; END""",
    )
    taken: dict[str, list[float]] = {"poison": [], "clean": []}
    known = place.one(place.work_db, "SELECT count(*) FROM orders")
    for number in range(rounds):
        for what in ("clean", "poison"):
            if what == "poison":
                push(line, place.world, POISONED - FIRST_ORDER + number)
            known += 1
            push(line, place.world, 400_000 + known)
            until(partial(place.knows, known), "an order")
            taken[what].append(float(_delay(place, FIRST_ORDER + 400_000 + known)))
    set_aside = place.one(place.work_db, "SELECT count(*) FROM quarantine WHERE kind = 'order.placed'")
    if set_aside != rounds:
        raise RuntimeError(f"{set_aside} events were set aside, not {rounds}")
    place.change(place.hub_db, "DROP TRIGGER poison")
    return {"poison_delay_ms": max(taken["poison"]), "clean_delay_ms": max(taken["clean"]), "poisoned": set_aside}


def _delay(place: Place, order: int) -> int:
    """From the hub's transaction to the agent's; one machine, one clock."""
    applied = place.one(place.work_db, "SELECT applied_at FROM orders WHERE channel_order_id = ?", str(order))
    return applied - place.one(place.hub_db, "SELECT received_at FROM orders WHERE channel_order_id = ?", str(order))


def stock_up(world: World) -> None:
    """More of everything than the month can sell."""
    rows = [
        {"store": row.store, "sku": row.sku, "on_hand": ENOUGH_STOCK, "safety": 0, "shelf": row.shelf, "lots": []}
        for row in world.chain.stock
        if row.store == world.chain.stores[0].store
    ]
    headers = {"Authorization": f"Bearer {world.operator_token}"}
    answer = httpx.post(f"{world.hub_url}/api/chain", json={"stock": rows}, headers=headers, trust_env=False)
    answer.raise_for_status()


def now() -> int:
    return time.time_ns() // 1_000_000


def main() -> int:
    chosen = figures.options("drain", __doc__)
    with tempfile.TemporaryDirectory(prefix="yaolink-drain-") as name:
        folder = Path(name)
        world = World(folder / "world", hub_port=0, with_simulator=False)
        world.chain = msgspec.structs.replace(world.chain, stores=world.chain.stores[:1])
        with world:
            stock_up(world)
            found = measure(Place(world), SHORT if chosen.short else FULL, folder)
    print(f"{found['operations']} operations; with none wrong the true share is below {3 / found['operations']:.1e}"
          " with 95 % (3/N), for a month's outbox, a tenth of it sent twice")  # fmt: skip
    figures.report(found, quiet=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

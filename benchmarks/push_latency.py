"""From a change at the hub to the same change applied in a store: a real hub process and a real agent process, both
told by one clock. Timed from the beginning of the change's transaction at the hub until another process sees the
agent's commit in its data file. Orders come at ten a second.

The baseline is a store that asks for news every second, in the same run.
"""

import http.client
import json
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pysqlite3

from benchmarks import crowd, figures
from benchmarks.crowd import Bare
from benchmarks.small_orders import SmallOrders
from domain.events import store_log
from installer.demo.chain import DemoStore
from installer.demo.world import World

ORDERS, SHORT_ORDERS = 600, 40
RATE = 10.0
LOOK_SECONDS = 0.0005
LONGEST_SECONDS = 10.0
AGENT, POLLER = 0, 1


class Watch(threading.Thread):
    """When each event of a log was first seen applied in the agent's work file."""

    def __init__(self, file: Path, log: str) -> None:
        super().__init__(daemon=True)
        self._file, self._log = file, log
        self._over = threading.Event()
        self.seen_ms: dict[int, float] = {}

    def run(self) -> None:
        with pysqlite3.connect(f"file:{self._file}?mode=ro", uri=True, isolation_level=None) as db:
            version, seq = -1, self._seq(db)
            while not self._over.wait(LOOK_SECONDS):
                (now,) = db.execute("PRAGMA data_version").fetchone()
                if now == version:
                    continue
                version, before, seq = now, seq, self._seq(db)
                for applied in range(before + 1, seq + 1):
                    self.seen_ms[applied] = time.time() * 1000

    def _seq(self, db: pysqlite3.Connection) -> int:
        row = db.execute("SELECT seq FROM cursors WHERE log = ?", (self._log,)).fetchone()
        return int(row[0]) if row else 0

    def end(self) -> None:
        self._over.set()
        self.join()


class EverySecond(threading.Thread):
    """A store that asks every second; how long each event was on its way."""

    def __init__(self, url: str, store: Bare) -> None:
        super().__init__(daemon=True)
        self._line = http.client.HTTPConnection(urlsplit(url).netloc)
        self._token, cursors = store
        self._log, self._at = next(iter(cursors.items()))
        self._over = threading.Event()
        self.taken_ms: list[float] = []

    def run(self) -> None:
        while not self._over.wait(1.0):
            headers = {"Authorization": f"Bearer {self._token}"}
            self._line.request("GET", f"/edge/events?after={self._log}@{self._at}", headers=headers)
            page = json.loads(self._line.getresponse().read())
            for event in page["events"]:
                self.taken_ms.append(time.time() * 1000 - event["at"])
                self._at = f"{page['head']['log_id']}:{event['seq']}"

    def end(self) -> None:
        self._over.set()
        self.join()


def measure(orders: int, folder: Path) -> dict[str, float | int]:
    with crowd.served(folder, 2, with_agents=False) as (world, stores):
        world.open_store(DemoStore(crowd.name(AGENT), "第一家店", "hub", 30, {}))
        log = store_log(crowd.name(AGENT))
        wait_online(world, crowd.name(AGENT))
        watch, poller = Watch(world.work_file(crowd.name(AGENT)), log), EverySecond(world.hub_url, stores[POLLER])
        watch.start()
        poller.start()
        placed = SmallOrders(world)
        for _ in range(orders):
            due = time.monotonic() + 1 / RATE
            placed.place(crowd.shop(AGENT))
            placed.place(crowd.shop(POLLER))
            time.sleep(max(0.0, due - time.monotonic()))
        began = began_at(world.hub_folder / "hub.db", log, min(watch.seen_ms, default=1))
        deadline = time.monotonic() + LONGEST_SECONDS
        while len(watch.seen_ms) < len(began) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.2)
        watch.end()
        poller.end()
    taken = [watch.seen_ms[seq] - at for seq, at in began.items() if seq in watch.seen_ms]
    return {
        "orders": orders,
        "events": len(began),
        "lost": len(began) - len(taken),
        "p50_ms": figures.percentile(taken, 0.5),
        "p99_ms": figures.percentile(taken, 0.99),
        "every_second_p50_ms": figures.percentile(poller.taken_ms, 0.5),
        "every_second_p99_ms": figures.percentile(poller.taken_ms, 0.99),
    }


def began_at(database: Path, log: str, first: int) -> dict[int, int]:
    """When the transaction of each event began, by the hub's clock."""
    with pysqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT seq, at FROM events WHERE log = ? AND seq >= ?", (log, first)).fetchall()
    return dict(rows)


def wait_online(world: World, store: str) -> None:
    """Until its agent follows."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if (at := cursor(world.work_file(store), store_log(store))) is not None and at:
            time.sleep(1.0)
            return
        time.sleep(0.1)
    raise RuntimeError(f"the agent of {store} does not follow")


def cursor(file: Path, log: str) -> str | None:
    with pysqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        row = db.execute("SELECT log_id FROM cursors WHERE log = ?", (log,)).fetchone()
    return row[0] if row else None


if __name__ == "__main__":
    figures.run("push_latency", __doc__, measure, ORDERS, short=SHORT_ORDERS)

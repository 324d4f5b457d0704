"""From the first byte of a platform's push to the first byte of its slip at the printer's socket.

Real processes throughout: hub, agent, and a virtual printer in this one. `bare` is the least it could cost, measured
between the orders of the same run.
"""

import http.client
import json
import re
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import figures, pushes
from benchmarks.bare_way import BareWay
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import VirtualSlip
from installer.demo.chain import Chain
from installer.demo.world import World

RATE = 5.0
ORDERS, SHORT_ORDERS = 500, 30
ENOUGH_STOCK = 50_000
FIRST_ORDER = 900_000_000_000_000_000


class PaperClock:
    """When the first byte of each order's slip came, by day number."""

    def __init__(self) -> None:
        self.came: dict[int, float] = {}
        self._first_bytes: list[float] = []
        self._changed = threading.Condition()

    def first_byte(self, at: float) -> None:
        self._first_bytes.append(at * 1000)

    def slip(self, slip: VirtualSlip) -> None:
        number = re.search(r"#\s*(\d+)", slip.text)
        with self._changed:
            if number is not None:
                self.came[int(number[1])] = self._first_bytes[-1]
            self._changed.notify_all()

    def wait(self, number: int, within: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: number in self.came, within)


def measure(orders: int, folder: Path) -> dict[str, float | int]:
    clock = PaperClock()
    with (
        VirtualPrinter(on_slip=clock.slip, on_bytes=clock.first_byte) as printer,
        World(folder / "world", hub_port=0, printer=printer.address, with_simulator=False) as world,
    ):
        stock_up(world, folder)
        bare = BareWay(folder)
        sent: dict[int, float] = {}
        bare_ms: list[float] = []
        programs = [world.hub.pid, world.agents[world.chain.stores[0].store].pid]
        cpu_before = sum(map(figures.cpu_seconds, programs))
        line = http.client.HTTPConnection(urlsplit(world.hub_url).netloc)
        for number in range(1, orders + 1):
            due = time.monotonic() + 1 / RATE
            sent[number] = push(line, world, number)
            clock.wait(number, 5.0)
            bare_ms.append(bare.pass_once())
            time.sleep(max(0.0, due - time.monotonic()))
        cpu = sum(map(figures.cpu_seconds, programs)) - cpu_before
    taken = [clock.came[number] - at for number, at in sent.items() if number in clock.came]
    bare_p50 = figures.percentile(bare_ms, 0.5)
    p50 = figures.percentile(taken, 0.5)
    return {
        "orders": orders,
        "lost": orders - len(taken),
        "p50_ms": p50,
        "p99_ms": figures.percentile(taken, 0.99),
        "bare_p50_ms": bare_p50,
        "ratio": p50 / bare_p50,
        "cpu_ms_per_order": cpu * 1000 / orders,
    }


def stock_up(world: World, folder: Path) -> None:
    """More of everything than the run can sell."""
    chain = Chain.read()
    rows = [
        {"store": row.store, "sku": row.sku, "on_hand": ENOUGH_STOCK, "safety": 0, "shelf": row.shelf, "lots": []}
        for row in chain.stock
    ]
    path = folder / "stock.json"
    path.write_text(json.dumps({"stock": rows}), encoding="utf-8")
    world.load(path)


def push(line: http.client.HTTPConnection, world: World, number: int) -> float:
    """Sends one paid order of three lines; returns the moment before its first byte left."""
    meituan = world.manifest.channels.meituan
    shop = meituan.shop_ids[world.chain.stores[0].store]
    form = pushes.paid(FIRST_ORDER + number, shop, [("M0001", 2), ("M0002", 1), ("M0003", 1)], day_seq=number)
    url = meituan.callback_urls["paid"]
    body = pushes.signed(url, form, meituan.app_id, meituan.secret)
    began = figures.now_ms()
    line.request("POST", urlsplit(url).path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse().read()
    if b'"ok"' not in answer:
        raise RuntimeError(f"the hub did not take the push: {answer!r}")
    return began


if __name__ == "__main__":
    figures.run("order_to_paper", __doc__, measure, ORDERS, short=SHORT_ORDERS)

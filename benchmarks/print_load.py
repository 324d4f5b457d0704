"""From an order told by the hub to the first byte at a printer's socket: 20 orders a second over four printers.

A real agent process, following a slim hub over the real protocol; the clock starts before the hub's first byte. First
with four healthy printers, then, as the load begins, one of them goes off the network and one falls silent with its
connections open. `healthy_delay_ms` is what these two cost the orders' median.
"""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from agent.access.token import TOKEN_FILE
from benchmarks import figures
from benchmarks.slim_hub import CODE, STORE, SlimHub
from domain.events import CATALOGUE, OrderPlaced, ProductPut, StoreConfigured
from domain.orders import AcceptRule, Order, OrderLine, OrderState, RiderState
from domain.products import Product
from domain.quantity import units
from domain.times import MINUTE
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import VirtualSlip
from installer.demo import ports
from installer.demo.processes import Program

RATE = 20.0
SECONDS, SHORT_SECONDS = 30.0, 2.0
PRINTERS = 4
WARM = 5
SETTLE_S = 20.0
GOODS = [
    Product(f"M{n:04d}", name, "0.25g*24粒", "盒", "示例药业", (f"69012345678{n:02d}",))
    for n, name in enumerate(("阿莫西林胶囊", "布洛芬缓释胶囊", "连花清瘟胶囊"), start=1)
]


class Papers:
    """What came out of all printers, each slip with the moment its first byte came, in milliseconds. It is read when
    all is over: reading takes time that the printers need."""

    def __init__(self) -> None:
        self._came: list[tuple[VirtualSlip, float]] = []
        self._changed = threading.Condition()

    def printer(self) -> VirtualPrinter:
        began = 0.0

        def on_bytes(at: float) -> None:
            nonlocal began
            began = at * 1000

        def on_slip(slip: VirtualSlip) -> None:
            with self._changed:
                self._came.append((slip, began))
                self._changed.notify_all()

        return VirtualPrinter(on_slip=on_slip, on_bytes=on_bytes)

    def wait_for(self, count: int, within: float) -> None:
        """Until so many slips are out; what is missing then is lost."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._came) >= count, within)

    def read(self) -> dict[int, list[float]]:
        """Of each order, when its slips' first bytes came, the earliest first."""
        moments = defaultdict(list)
        for slip, began in self._came:
            number = re.search(r"#\s*(\d+)", slip.text)
            if number is not None:
                moments[int(number[1])].append(began)
        return {number: sorted(each) for number, each in moments.items()}


@contextmanager
def agent(folder: Path, hub: SlimHub, printers: list[VirtualPrinter]) -> Iterator[Program]:
    """Paired with the hub and following it."""
    port = ports.free()
    tables = (
        f'[[printers]]\nname = "p{n}"\naddress = "{printer.address}"\npaper = 80\n'
        for n, printer in enumerate(printers)
    )
    config = folder / "agent.toml"
    config.write_text(f'data = "."\npage_port = {port}\nsecrets = "file"\n\n' + "\n".join(tables), encoding="utf-8")
    arguments = ["--config", str(config), "run"]
    program = Program("agent", "agent.cli", arguments, folder / "agent.log", f"http://127.0.0.1:{port}/health")
    program.start()
    try:
        program.wait_ready()
        token = (folder / TOKEN_FILE).read_text(encoding="utf-8")
        with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as client:
            told = {"hub": hub.url, "code": CODE}
            client.post(f"http://127.0.0.1:{port}/api/pair", json=told).raise_for_status()
        hub.wait_for_stream()
        yield program
    finally:
        program.stop()


def order(number: int) -> Order:
    now = int(time.time() * 1000)
    lines = tuple(
        OrderLine(n, f"c-{each.sku}", each.sku, each.name, each.spec, each.unit, units(1), 1500, maker=each.maker)
        for n, each in enumerate(GOODS, start=1)
    )
    return Order(
        order_id=f"o{number}",
        channel="meituan",
        channel_order_id=f"30000{number:06d}",
        shown_id=f"2706311{number:06d}",
        day_number=number,
        store=STORE,
        code=f"YO{number:012d}",
        state=OrderState.ACCEPTED,
        rider=RiderState.NONE,
        placed_at=now,
        promised_at=now + 60 * MINUTE,
        booked=False,
        prescription=False,
        pick_up=False,
        total=4500,
        lines=lines,
    )


def load(hub: SlimHub, papers: Papers, numbers: range) -> dict[int, float]:
    """Tells these orders at their moments, in milliseconds; returns when all are printed."""
    told: dict[int, float] = {}
    begin = time.monotonic()
    for place, number in enumerate(numbers):
        time.sleep(max(0.0, begin + place / RATE - time.monotonic()))
        body = OrderPlaced(order(number))
        told[number] = figures.now_ms()
        hub.tell(body)
    papers.wait_for(numbers.stop - 1, SETTLE_S)
    return told


def measure(seconds: float, folder: Path) -> dict[str, float | int]:
    papers, count = Papers(), int(seconds * RATE)
    with ExitStack() as stack:
        printers = [stack.enter_context(papers.printer()) for _ in range(PRINTERS)]
        hub = stack.enter_context(SlimHub())
        hub.tell(StoreConfigured("和平路店", AcceptRule.HUB, 40 * MINUTE))
        for product in GOODS:
            hub.tell(ProductPut(product), CATALOGUE)
        program = stack.enter_context(agent(folder, hub, printers))
        warm = load(hub, papers, range(1, WARM + 1))
        cpu_before = figures.cpu_seconds(program.pid)
        healthy = load(hub, papers, range(WARM + 1, WARM + count + 1))
        cpu = figures.cpu_seconds(program.pid) - cpu_before
        time.sleep(1.0)  # the last are confirmed
        printers[0].stop()
        printers[1].fault("mute")
        beside_dead = load(hub, papers, range(WARM + count + 1, WARM + 2 * count + 1))
        time.sleep(1.0)  # what comes twice comes late
    came = papers.read()
    well, taken = (
        [came[number][0] - at for number, at in told.items() if number in came] for told in (healthy, beside_dead)
    )
    return {
        "orders": len(warm) + 2 * count,
        "lost": len((warm | healthy | beside_dead).keys() - came.keys()),
        "doubled": sum(len(moments) > 1 for moments in came.values()),
        "p50_ms": figures.percentile(taken, 0.5),
        "p99_ms": figures.percentile(taken, 0.99),
        "healthy_p50_ms": figures.percentile(well, 0.5),
        "healthy_p99_ms": figures.percentile(well, 0.99),
        "healthy_delay_ms": figures.percentile(taken, 0.5) - figures.percentile(well, 0.5),
        "healthy_delay_p99_ms": figures.percentile(taken, 0.99) - figures.percentile(well, 0.99),
        "cpu_ms_per_order": cpu * 1000 / count,
    }


if __name__ == "__main__":
    figures.run("print_load", __doc__, measure, SECONDS, short=SHORT_SECONDS)

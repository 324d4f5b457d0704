"""How many orders a second the embedded hub takes in: signed pushes of three lines over HTTP from 32 clients, each
answered after it is durable, reserved, told to its store's log and audited.

`commit_per_order_per_s` is the same hub with a commit for each order, in the same run. The load comes from this
process, on the same two cores.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pysqlite3

from benchmarks import figures, pushes
from benchmarks.order_to_paper import stock_up
from installer.demo.processes import Program
from installer.demo.settings import callback_urls
from installer.demo.world import World

CLIENTS = 32
ORDERS, SHORT_ORDERS = 12_000, 1_200
WARM_UP = 200
SKUS = [f"M{number:04d}" for number in range(1, 13)]


def requests(world: World, count: int, first: int) -> list[bytes]:
    """Whole HTTP requests, signed beforehand."""
    url = callback_urls(world.hub_url)["paid"]
    shops = [store.shops["meituan"] for store in world.chain.stores]
    made = []
    for number in range(first, first + count):
        lines = [(SKUS[(number + step) % len(SKUS)], 1) for step in (0, 4, 8)]
        form = pushes.paid(910_000_000_000_000_000 + number, shops[number % len(shops)], lines, day_seq=number)
        body = pushes.signed(url, form, world.secrets.app_id, world.secrets.meituan_secret)
        head = (
            f"POST {urlsplit(url).path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def client(host: str, port: int, waiting: Iterator[bytes], taken_ms: list[float]) -> None:
    """One connection, one request at a time."""
    reader, writer = await asyncio.open_connection(host, port)
    for request in waiting:
        began = figures.now_ms()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer = await reader.readexactly(length)
        if b'"ok"' not in answer:
            raise RuntimeError(f"the hub did not take the push: {head!r} {answer!r}")
        taken_ms.append(figures.now_ms() - began)
    writer.close()


async def load(url: str, made: list[bytes]) -> tuple[float, list[float]]:
    """Seconds for all of them, and milliseconds for each."""
    address = urlsplit(url)
    waiting, taken_ms = iter(made), list[float]()
    began = figures.now_ms()
    clients = (client(str(address.hostname), int(address.port or 80), waiting, taken_ms) for _ in range(CLIENTS))
    await asyncio.gather(*clients)
    return (figures.now_ms() - began) / 1000, taken_ms


def rows(database: Path) -> int:
    with pysqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names)


def run(folder: Path, module: str, orders: int) -> dict[str, float]:
    world = World(folder, hub_port=0, with_simulator=False)
    world.prepare()
    stock_up(world, folder)
    hub = Program("hub", module, [*world.hub_config, "serve"], folder / "hub.log", world.health)
    hub.start()
    try:
        hub.wait_ready()
        asyncio.run(load(world.hub_url, requests(world, WARM_UP, 0)))
        made = requests(world, orders, WARM_UP)
        rows_before, cpu_before = rows(folder / "hub/hub.db"), figures.cpu_seconds(hub.pid)
        seconds, taken_ms = asyncio.run(load(world.hub_url, made))
        return {
            "orders_per_s": orders / seconds,
            "p50_ms": figures.percentile(taken_ms, 0.5),
            "p99_ms": figures.percentile(taken_ms, 0.99),
            "cpu_ms_per_order": (figures.cpu_seconds(hub.pid) - cpu_before) * 1000 / orders,
            "rows_per_order": (rows(folder / "hub/hub.db") - rows_before) / orders,
            "lost": orders + WARM_UP - orders_kept(folder / "hub/hub.db"),
        }
    finally:
        hub.stop()


def orders_kept(database: Path) -> int:
    with pysqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        count: int = connection.execute("SELECT count(*) FROM orders").fetchone()[0]
        return count


def main() -> int:
    chosen = figures.options("intake", __doc__)
    orders = SHORT_ORDERS if chosen.short else ORDERS
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        together = run(Path(first), "cloud.cli", orders)
        alone = run(Path(second), "benchmarks.one_by_one_hub", orders // 4)
    figures.report(
        {
            "orders": orders,
            **together,
            "commit_per_order_per_s": alone["orders_per_s"],
            "commit_per_order_p99_ms": alone["p99_ms"],
            "ratio": together["orders_per_s"] / alone["orders_per_s"],
        },
        quiet=chosen.json,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

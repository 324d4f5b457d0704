"""What an open edge stream costs the hub: memory, processor while nothing happens (heartbeats and reports included),
and how soon a targeted change reaches its stream.

Bare protocol clients in one other process, and three real agents. A push is timed from the beginning of its
transaction at the hub to its frame at the client. The baseline is uvicorn with an SSE app of thirty lines.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import crowd, figures
from benchmarks.crowd import Crowd
from benchmarks.small_orders import SmallOrders
from installer.demo import ports
from installer.demo.world import World

CLIENTS, SHORT_CLIENTS = 10_000, 300
SECONDS, SHORT_SECONDS = 60.0, 2.0
PUSHES, SHORT_PUSHES = 500, 20
PUSHES_A_SECOND = 20.0


def measure(
    folder: Path, clients: int, seconds: float, pushes: int, report_seconds: float, *, with_agents: bool
) -> dict[str, float | int]:
    with crowd.served(folder, clients, with_agents=with_agents) as (world, stores):
        time.sleep(min(seconds, 10.0))
        hub = world.hub.pid
        empty_mb = figures.rss_mb(hub)
        with Crowd(world.hub_url, stores, per_second=250, report_seconds=report_seconds) as bare:
            bare.wait_until_open(clients)
            time.sleep(report_seconds)
            bare.tell()
            idle = idle_percent(hub, seconds)
            told = bare.tell()
            kb_each = (figures.rss_mb(hub) - empty_mb) * 1024 / clients
            push_ms, lost = push(world, bare, clients, pushes)
            return {
                "clients": told["open"],
                "agents": len(world.agents),
                "kb_each": kb_each,
                "idle_core_percent": idle,
                "heartbeats_per_s": told.get("heartbeats", 0) / seconds,
                "reports_per_s": told.get("reports", 0) / seconds,
                "pushes": pushes,
                "lost": lost,
                "push_p50_ms": figures.percentile(push_ms, 0.5),
                "push_p99_ms": figures.percentile(push_ms, 0.99),
            }


def idle_percent(pid: int, seconds: float) -> float:
    before = figures.cpu_seconds(pid)
    began = time.monotonic()
    time.sleep(seconds)
    return (figures.cpu_seconds(pid) - before) / (time.monotonic() - began) * 100


def push(world: World, bare: Crowd, clients: int, pushes: int) -> tuple[list[float], int]:
    """Milliseconds of each, and how many never came."""
    orders = SmallOrders(world)
    for _ in range(pushes):
        due = time.monotonic() + 1 / PUSHES_A_SECOND
        orders.place(crowd.shop(random.randrange(clients)))
        time.sleep(max(0.0, due - time.monotonic()))
    time.sleep(0.5)
    told = bare.tell()
    return told["came_ms"], pushes - told.get("order.placed", 0)


def baseline(clients: int, seconds: float, report_seconds: float) -> dict[str, float]:
    port = ports.demand(0)
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.bare_sse", str(port)])
    try:
        time.sleep(1.5)
        empty_mb = figures.rss_mb(server.pid)
        stores = [("token", {f"store:B{number:05d}": "0:0", "catalogue": "0:0"}) for number in range(clients)]
        with Crowd(f"http://127.0.0.1:{port}", stores, per_second=500, report_seconds=report_seconds) as bare:
            bare.wait_until_open(clients)
            idle = idle_percent(server.pid, seconds)
            kb_each = (figures.rss_mb(server.pid) - empty_mb) * 1024 / clients
            return {"bare_kb_each": kb_each, "bare_idle_core_percent": idle}
    finally:
        server.kill()
        server.wait()


def main() -> int:
    chosen = figures.options("streams", __doc__)
    clients, seconds = (SHORT_CLIENTS, SHORT_SECONDS) if chosen.short else (CLIENTS, SECONDS)
    pushes = SHORT_PUSHES if chosen.short else PUSHES
    report_seconds = SHORT_SECONDS if chosen.short else crowd.REPORT_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), clients, seconds, pushes, report_seconds, with_agents=not chosen.short)
    figures.report({**result, **baseline(clients, seconds, report_seconds)}, quiet=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

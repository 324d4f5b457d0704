"""The hub dies (kill -9) with all its agents attached, and starts again two seconds later: how long until 99 % of them
are back, and how the health page answers meanwhile, asked from a third process every 50 ms.

Back means: the first heartbeat of the new stream. The baseline are agents that come again every second.
"""

import http.client
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from agent.patience import Patience
from benchmarks import crowd, figures
from benchmarks.crowd import Bare, Crowd
from installer.demo.world import World

CLIENTS, SHORT_CLIENTS = 10_000, 300
DOWN_SECONDS = 2.0
RETRY, SHORT_RETRY = Patience().retry, 2.0
"""Seconds of the agents' first jitter; a few hundred need less than ten thousand."""
LONGEST_SECONDS = 180.0
PROBE_SECONDS = 0.05
EVERY_SECOND = 1.0


class Probe(threading.Thread):
    """Asks for the health page, each time on a connection of its own, from the moment the hub answers at all."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._address = urlsplit(url).netloc
        self._over = threading.Event()
        self.taken_ms: list[float] = []
        self.unanswered = 0

    def run(self) -> None:
        while not self._over.wait(PROBE_SECONDS):
            began = figures.now_ms()
            line = http.client.HTTPConnection(self._address, timeout=30.0)
            try:
                line.request("GET", "/health")
                line.getresponse().read()
                self.taken_ms.append(figures.now_ms() - began)
            except OSError:
                self.unanswered += 1
            finally:
                line.close()

    def end(self) -> None:
        self._over.set()
        self.join()


def measure(world: World, stores: list[Bare], *, retry: float, retry_fixed: float) -> dict[str, float | int]:
    clients = len(stores)
    with Crowd(world.hub_url, stores, per_second=250, retry=retry, retry_fixed=retry_fixed) as bare:
        bare.wait_until_open(clients)
        bare.tell()
        killed = time.monotonic()
        world.hub.kill()
        time.sleep(DOWN_SECONDS)
        world.hub.start()
        world.hub.wait_ready()
        up = time.monotonic()
        probe = Probe(world.hub_url)
        probe.start()
        back, refused = come_back(bare, clients, killed)
        probe.end()
        seconds = sorted(back)
        return {
            "clients": clients,
            "lost": clients - len(back),
            "up_s": up - killed,
            "back_50_s": figures.percentile(seconds, 0.5),
            "back_99_s": figures.percentile(seconds, 0.99),
            "back_all_s": seconds[-1],
            "told_to_wait": refused,
            "health_p50_ms": figures.percentile(probe.taken_ms, 0.5),
            "health_p99_ms": figures.percentile(probe.taken_ms, 0.99),
            "health_unanswered": probe.unanswered,
        }


def come_back(bare: Crowd, clients: int, killed: float) -> tuple[list[float], int]:
    """Seconds from the kill to each new stream's first heartbeat, and how often somebody was told to wait."""
    back: list[float] = []
    refused = 0
    while len(back) < clients and time.monotonic() - killed < LONGEST_SECONDS:
        time.sleep(0.5)
        told = bare.tell()
        back += [at - killed for at in told["back_at"] if at > killed]
        refused += told.get("answered 503", 0)
    return back, refused


def main() -> int:
    chosen = figures.options("herd", __doc__)
    clients = SHORT_CLIENTS if chosen.short else CLIENTS
    with (
        tempfile.TemporaryDirectory() as folder,
        crowd.served(Path(folder), clients, with_agents=not chosen.short) as (world, stores),
    ):
        retry = SHORT_RETRY if chosen.short else RETRY
        ours = measure(world, stores, retry=retry, retry_fixed=0.0)
        fixed = measure(world, stores, retry=retry, retry_fixed=EVERY_SECOND)
    baseline = {f"every_second_{name}": fixed[name] for name in ("back_99_s", "health_p99_ms", "told_to_wait")}
    figures.report({**ours, **baseline}, quiet=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

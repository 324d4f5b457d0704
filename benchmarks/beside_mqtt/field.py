"""Our hub and the brokers as processes, and one process with all their subscribers: started, killed, begun again."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks import crowd, figures
from benchmarks.beside_mqtt.broker import AS_SHIPPED, MOST_DURABLE, Broker
from benchmarks.beside_mqtt.ledger import Ledger
from benchmarks.beside_mqtt.sources import Source, ToBroker, ToHub
from benchmarks.beside_mqtt.subscribers import Server, Store
from benchmarks.crowd import Bare
from installer.demo.processes import Program
from installer.demo.world import World

OURS, DURABLE, SHIPPED = "our", "mqtt", "mqtt_shipped"
"""The figures' names begin so."""
CONNECTED_WITHIN = 120.0


class Side(msgspec.Struct, frozen=True):
    """One server with who feeds it and where its subscribers write."""

    server: Server
    process: Program | Broker
    source: Source

    @property
    def ledger(self) -> Path:
        return Path(self.server.ledger)


class Field:
    """Use `standing`."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self.sides = sides
        self._subscribers: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        """Starts the subscribers; returns once all of them are connected."""
        self._subscribers = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.beside_mqtt.subscribers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._say(msgspec.json.encode([side.server for side in self.sides]))

    def wait_connected(self) -> None:
        deadline = time.monotonic() + CONNECTED_WITHIN
        wanted = {side.server.name: len(side.server.stores) for side in self.sides}
        while (connected := self._ask()) != wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"connected are {connected} of {wanted}")
            time.sleep(0.05)

    def kill_subscribers(self) -> None:
        assert self._subscribers is not None
        self._subscribers.kill()
        self._subscribers.communicate()

    def kill_servers(self) -> None:
        for side in self.sides:
            side.process.kill()

    def start_servers(self) -> None:
        """Without waiting for any: each is back when it is."""
        for side in self.sides:
            side.process.start()

    def stop(self) -> None:
        if self._subscribers is not None:
            self.kill_subscribers()
        for side in self.sides:
            side.process.kill()

    def applied(self, side: Side) -> list[tuple[int, float]]:
        ledger = Ledger(side.ledger)
        try:
            return ledger.applied()
        finally:
            ledger.close()

    def rss_mb(self) -> dict[str, float]:
        return {side.server.name: figures.rss_mb(side.process.pid) for side in self.sides}

    def _ask(self) -> dict[str, int]:
        self._say(b"tell")
        assert self._subscribers is not None and self._subscribers.stdout is not None
        line = self._subscribers.stdout.readline()
        if not line:
            raise RuntimeError("the subscribers have ended")
        told: dict[str, int] = json.loads(line)
        return told

    def _say(self, line: bytes) -> None:
        assert self._subscribers is not None and self._subscribers.stdin is not None
        self._subscribers.stdin.write(line + b"\n")
        self._subscribers.stdin.flush()


@contextmanager
def standing(folder: Path, count: int) -> Iterator[Field]:
    """All servers, each with as many stores; no subscriber yet."""
    with crowd.served(folder / "hub", count, with_agents=False) as (world, bare):
        stores = tuple(_store(number, one) for number, one in enumerate(bare))
        field = Field([_ours(folder, world, stores), *(_broker(folder, *of, stores) for of in BROKERS)])
        try:
            yield field
        finally:
            field.stop()


BROKERS = ((DURABLE, MOST_DURABLE), (SHIPPED, AS_SHIPPED))


def _store(number: int, bare: Bare) -> Store:
    """It follows its own log alone, as a client its topic."""
    token, cursors = bare
    own = next(iter(cursors))
    return Store(crowd.shop(number), token, {own: cursors[own]})


def _ours(folder: Path, world: World, stores: tuple[Store, ...]) -> Side:
    port = int(world.hub_url.rpartition(":")[2])
    server = Server(OURS, port, False, str(folder / f"{OURS}.db"), stores)
    return Side(server, world.hub, ToHub(world.hub_url, world.secrets.own_api_key))


def _broker(folder: Path, name: str, settings: str, stores: tuple[Store, ...]) -> Side:
    broker = Broker(folder / name, settings)
    broker.start()
    server = Server(name, broker.port, True, str(folder / f"{name}.db"), stores)
    return Side(server, broker, ToBroker(broker.port))

"""The subscribers of all servers, in one process that may be killed at any moment: each applies what comes into a file,
and only then lets the server know. Started by `benchmarks.beside_mqtt.field`: a line of JSON on standard input says
whom to call; every further line is answered by one of JSON: how many are connected.
"""

import asyncio
import json
import random
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import uvloop

from benchmarks import figures
from benchmarks.bare_agents import head_of
from benchmarks.beside_mqtt import mqtt
from benchmarks.beside_mqtt.ledger import Ledger
from domain.events import Event

AGAIN_SECONDS = 0.2, 0.6
"""Between two attempts, for all servers alike; longer where the server says so."""
APART_SECONDS = 0.002
HOST = "127.0.0.1"
PLACED = "order.placed"
_decode = msgspec.json.Decoder(Event).decode

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Store(msgspec.Struct, frozen=True):
    """`token` and `cursors` are for our hub, `shop` is the topic at a broker."""

    shop: str
    token: str
    cursors: dict[str, str]


class Server(msgspec.Struct, frozen=True):
    name: str
    port: int
    is_broker: bool
    ledger: str
    stores: tuple[Store, ...]


class Subscriber(Protocol):
    connected: bool

    async def follow(self, line: Line) -> float:
        """Until the line ends; how long the server wants to be left alone."""
        ...


class OfBroker:
    """QoS 1 with a session that the broker keeps. A message is applied as it comes: nothing in it tells whether it came
    before but a mark that says it may have."""

    def __init__(self, ledger: Ledger, store: Store) -> None:
        self._ledger, self._shop = ledger, store.shop
        self.connected = False

    async def follow(self, line: Line) -> float:
        reader, writer = line
        writer.write(mqtt.connect(self._shop))
        while True:
            kind, body = await _packet(reader)
            if kind == mqtt.CONNACK and not body[0] & mqtt.SESSION_PRESENT:
                writer.write(mqtt.subscribe(self._shop))
            elif kind in (mqtt.CONNACK, mqtt.SUBACK):
                self.connected = True
            elif kind == mqtt.PUBLISH:
                came_ms = figures.now_ms()
                number, payload = mqtt.published(body)
                self._ledger.apply(json.loads(payload)["day_number"], came_ms)
                writer.write(mqtt.acknowledge(number))


class OfHub:
    """The rules of docs/protocol.md: effect and cursor at once, what is old is not applied again, at a gap begin anew
    from the cursor."""

    def __init__(self, ledger: Ledger, store: Store, port: int) -> None:
        self._ledger, self._port, self._token = ledger, port, store.token
        self._at = dict(store.cursors)
        self.connected = False

    async def follow(self, line: Line) -> float:
        reader, writer = line
        query = "&".join(f"after={log}@{at}" for log, at in self._at.items())
        head = f"GET /edge/stream?{query} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nAuthorization: Bearer {self._token}"
        writer.write(f"{head}\r\nAccept: text/event-stream\r\n\r\n".encode())
        status, retry_after = await head_of(reader)
        if status != 200:
            return retry_after or 0.0
        while size := int(await reader.readuntil(b"\r\n"), 16):
            frames = (await reader.readexactly(size + 2))[:size]
            came_ms = figures.now_ms()
            for frame in frames.removesuffix(b"\n\n").split(b"\n\n"):
                if not self._take(frame, came_ms):
                    return 0.0
        return 0.0

    def _take(self, frame: bytes, came_ms: float) -> bool:
        """False: something is missing before it."""
        name, *rest = frame.split(b"\n")
        if name == b"event: heartbeat":
            self.connected = True
        if name != b"event: event":
            return name == b"event: heartbeat"
        event = _decode(rest[-1].removeprefix(b"data: "))
        log_id, _, seq = self._at[event.log].partition(":")
        if event.seq == int(seq) + 1:
            self._apply(event, f"{log_id}:{event.seq}", came_ms)
        return event.seq <= int(seq) + 1

    def _apply(self, event: Event, at: str, came_ms: float) -> None:
        number = json.loads(bytes(event.body))["order"]["day_number"] if event.kind == PLACED else None
        self._ledger.apply_at(event.log, at, number, came_ms)
        self._at[event.log] = at


async def keep(subscriber: Subscriber, port: int) -> None:
    while True:
        wait = 0.0
        writer: asyncio.StreamWriter | None = None
        try:
            line = await asyncio.open_connection(HOST, port)
            writer = line[1]
            wait = await subscriber.follow(line)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the server went away
        finally:
            subscriber.connected = False
            if writer is not None:
                writer.close()
        await asyncio.sleep(max(wait, random.uniform(*AGAIN_SECONDS)))


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Its kind and what follows the length."""
    (first,) = await reader.readexactly(1)
    digits = await reader.readexactly(1)
    while (size := mqtt.remaining(digits)) is None:
        digits += await reader.readexactly(1)
    return first >> 4, await reader.readexactly(size)


def subscribers(server: Server, ledger: Ledger) -> Sequence[OfBroker | OfHub]:
    if server.is_broker:
        return [OfBroker(ledger, store) for store in server.stores]
    known = ledger.cursors()
    at = [{log: known.get(log, first) for log, first in store.cursors.items()} for store in server.stores]
    return [
        OfHub(ledger, msgspec.structs.replace(store, cursors=cursors), server.port)
        for store, cursors in zip(server.stores, at, strict=True)
    ]


async def main() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    servers = msgspec.json.decode(await orders.readline(), type=list[Server])
    ledgers = {server.name: Ledger(Path(server.ledger)) for server in servers}
    all_of = {server.name: subscribers(server, ledgers[server.name]) for server in servers}
    keeping = []
    for server in servers:
        for subscriber in all_of[server.name]:
            keeping.append(loop.create_task(keep(subscriber, server.port)))
            await asyncio.sleep(APART_SECONDS)
    while await orders.readline():
        if broken := [task for task in keeping if task.done()]:
            broken[0].result()  # a mistake of ours ends the benchmark
        print(json.dumps({name: sum(one.connected for one in some) for name, some in all_of.items()}), flush=True)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(main())

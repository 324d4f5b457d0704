"""Thousands of stores in one process, each speaking no more than the protocol: a stream that is kept open, a report
now and then, full jitter after a break. What a store does behind that (files, printers, pages) is not here.

Started by `benchmarks.crowd`: one JSON object on standard input says whom to call and who they are; a line `tell` is
answered by one line of JSON; the end of the input ends it.
"""

import asyncio
import json
import random
import resource
import socket
import sys
import time
from collections import Counter
from typing import Any

import uvloop
from msgspec import structs

from agent.patience import Backoff, Patience

STEADY_SECONDS = 60.0
STORES_AN_ADDRESS = 5_000
"""Clients of one source address: each takes a port, and reports leave theirs behind for a minute."""
PATIENCE = Patience()


class Crowd:
    def __init__(self, told: dict[str, Any]) -> None:
        self.host, self.port = told["host"], told["port"]
        self.report, self.report_seconds = told["report"].encode(), told["report_seconds"]
        self.retry_fixed = told["retry_fixed"]
        self.polling = told["polling"]
        self.patience = structs.replace(PATIENCE, retry=told["retry"])
        self.counted: Counter[str] = Counter()
        self.came_ms: list[float] = []
        self.back_at: list[float] = []
        self.broke_at: list[float] = []
        self.stores = [Store(self, number, *who) for number, who in enumerate(told["stores"])]

    async def begin(self, per_second: float) -> None:
        """One after the other; who is told to come later, comes later."""
        for store in self.stores:
            store.run()
            await asyncio.sleep(1 / per_second)

    def tell(self) -> dict[str, Any]:
        """Everything since the last time."""
        told = {
            "open": sum(store.lives for store in self.stores),
            **self.counted,
            "came_ms": self.came_ms,
            "back_at": self.back_at,
            "broke_at": self.broke_at,
        }
        self.counted, self.came_ms, self.back_at, self.broke_at = Counter(), [], [], []
        return told


class Store:
    """One bare agent: where it stands in each of its logs, and the tasks that speak for it."""

    __slots__ = ("_address", "_backoff", "_crowd", "_cursors", "_headers", "_tasks", "lives")

    def __init__(self, crowd: Crowd, number: int, token: str, cursors: dict[str, str]) -> None:
        self._crowd, self._cursors = crowd, cursors
        self._address = f"127.0.{1 + number // STORES_AN_ADDRESS}.1"
        self._headers = (
            f"Host: {crowd.host}:{crowd.port}\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
            f"User-Agent: python-httpx/0.28.1\r\nAuthorization: Bearer {token}\r\n"
        ).encode()
        self._backoff = Backoff(crowd.patience, random.uniform)
        self._tasks: list[asyncio.Task[None]] = []
        self.lives = False

    def run(self) -> None:
        self._tasks = [asyncio.create_task(self._follow())]
        if self._crowd.report_seconds:
            self._tasks.append(asyncio.create_task(self._reports()))

    async def _follow(self) -> None:
        while True:
            began = time.monotonic()
            wait: float | None = None
            try:
                wait = await (self._polls() if self._crowd.polling else self._stream())
            except (OSError, asyncio.IncompleteReadError):
                self._crowd.counted["broken"] += 1
            if self.lives:
                self.lives = False
                self._crowd.broke_at.append(time.monotonic())
                if time.monotonic() - began > STEADY_SECONDS:
                    self._backoff.reset()
            await asyncio.sleep(self._pause(wait))

    def _pause(self, told: float | None) -> float:
        fixed: float = self._crowd.retry_fixed
        return fixed or self._backoff.next(told)

    async def _stream(self) -> float | None:
        """Until it ends; seconds to wait where the hub said so."""
        reader, writer = await self._connect()
        try:
            query = "&".join(f"after={log}@{at}" for log, at in self._cursors.items())
            writer.write(self._request(f"GET /edge/stream?{query}") + b"Accept: text/event-stream\r\n\r\n")
            status, retry_after = await head_of(reader)
            if status != 200:
                self._crowd.counted[f"answered {status}"] += 1
                return retry_after
            while frame := await self._frame(reader):
                self._take(frame)
            return None
        finally:
            writer.close()

    async def _frame(self, reader: asyncio.StreamReader) -> bytes:
        """Frames of one piece, as the server sent them; empty at the end."""
        size = int(await reader.readuntil(b"\r\n"), 16)
        return (await reader.readexactly(size + 2))[:size]

    def _take(self, frames: bytes) -> None:
        for frame in frames.split(b"\n\n"):
            if frame.startswith(b"event: heartbeat"):
                self._crowd.counted["heartbeats"] += 1
                self._is_back()
            elif frame.startswith(b"event: event"):
                cursor, _, event = frame[len(b"event: event\nid: ") :].partition(b"\ndata: ")
                log, _, at = cursor.decode().partition("@")
                self._cursors[log] = at
                self._came(json.loads(event))

    def _came(self, event: dict[str, Any]) -> None:
        self._crowd.counted[event["kind"]] += 1
        self._crowd.came_ms.append(time.time() * 1000 - event["at"])

    def _is_back(self) -> None:
        if not self.lives:
            self.lives = True
            self._crowd.back_at.append(time.monotonic())

    async def _polls(self) -> float | None:
        reader, writer = await self._connect()
        try:
            while True:
                query = "&".join(f"after={log}@{at}" for log, at in self._cursors.items())
                writer.write(
                    self._request(f"GET /edge/events?{query}&limit=200&wait={PATIENCE.longest_poll:g}") + b"\r\n"
                )
                status, retry_after, body = await whole(reader)
                if status != 200:
                    self._crowd.counted[f"answered {status}"] += 1
                    return retry_after
                self._crowd.counted["polls"] += 1
                self._is_back()
                page = json.loads(body)
                for event in page["events"]:
                    self._cursors[event["log"]] = f"{page['head']['log_id']}:{event['seq']}"
                    self._came(event)
        finally:
            writer.close()

    async def _reports(self) -> None:
        """Each on a connection of its own: the hub ends it with its answer."""
        every: float = self._crowd.report_seconds
        await asyncio.sleep(random.uniform(0, every))
        while True:
            if self.lives:
                await self._report()
            await asyncio.sleep(every * random.uniform(0.8, 1.2))

    async def _report(self) -> None:
        body = self._crowd.report
        try:
            reader, writer = await self._connect()
            writer.write(
                self._request("POST /edge/report")
                + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            status, _ = await head_of(reader)
            self._crowd.counted["reports" if status == 204 else f"answered {status}"] += 1
            await reader.read()  # as httpx, it lets the server end the connection
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            self._crowd.counted["broken"] += 1

    def _request(self, line: str) -> bytes:
        return f"{line} HTTP/1.1\r\n".encode() + self._headers

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        line = socket.socket()
        line.setblocking(False)
        try:
            line.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            line.bind((self._address, 0))
            await asyncio.get_running_loop().sock_connect(line, (self._crowd.host, self._crowd.port))
            return await asyncio.open_connection(sock=line)
        except OSError:
            line.close()
            raise


IP_BIND_ADDRESS_NO_PORT = 24
"""The port is chosen when it connects, so that it may be shared between destinations (ip(7))."""


async def head_of(reader: asyncio.StreamReader) -> tuple[int, float | None]:
    """Status and Retry-After."""
    status, retry_after, _ = _read_head(await reader.readuntil(b"\r\n\r\n"))
    return status, retry_after


async def whole(reader: asyncio.StreamReader) -> tuple[int, float | None, bytes]:
    status, retry_after, length = _read_head(await reader.readuntil(b"\r\n\r\n"))
    return status, retry_after, await reader.readexactly(length)


def _read_head(head: bytes) -> tuple[int, float | None, int]:
    first, *rest = head.decode("latin-1").lower().split("\r\n")
    fields = dict(line.partition(": ")[::2] for line in rest if line)
    wish = fields.get("retry-after")
    return int(first.split()[1]), float(wish) if wish else None, int(fields.get("content-length", "0"))


async def main() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    told = json.loads(await orders.readline())
    crowd = Crowd(told)
    beginning = asyncio.create_task(crowd.begin(told["per_second"]))
    while (await orders.readline()).strip() == b"tell":
        print(json.dumps(crowd.tell()), flush=True)
    beginning.cancel()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(main())

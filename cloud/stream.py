"""One edge stream: server-sent events over raw ASGI (docs/protocol.md; facts/sync.md §1.1 R12-R14, §3.4).

A stream holds no queue: its cursors are the queue. It reads pages from the log whenever a hint or a heartbeat
says so, and sends them; a reader that does not read makes it wait, never grow.
"""

import asyncio
import logging
import random
from typing import Protocol

import msgspec

from cloud.asgi import Receive, Send
from cloud.followers import Follower
from cloud.hints import Hints
from domain.protocol import HEARTBEAT_SECONDS, PAGE, Cursor, Frame, Head, Heartbeat, Page
from domain.times import Clock

log = logging.getLogger(__name__)

SEND_SECONDS = 30.0
"""A client that takes nothing for so long is dropped; it comes back from its cursor."""
OLDEST_SECONDS = (1800.0, 3600.0)
"""A stream ends after a random time between these, so that load spreads again over several hubs."""
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ],
}
_encode = msgspec.json.Encoder().encode


class Logs(Protocol):
    """What a stream reads."""

    async def page(self, cursor: Cursor, limit: int) -> Page: ...

    async def heads(self, logs: list[str]) -> tuple[Head, ...]: ...

    async def revoked(self, credential: str) -> bool:
        """Asked at every heartbeat: the revocation may have happened in another process."""
        ...


def frame(kind: Frame, data: object, cursor: str = "") -> bytes:
    """JSON from msgspec has no line breaks, so one data line is enough."""
    name = f"event: {kind.value}\nid: {cursor}\n" if cursor else f"event: {kind.value}\n"
    return name.encode() + b"data: " + _encode(data) + b"\n\n"


class Stream:
    """Serves one follower until it leaves, is told bye, or takes nothing for `SEND_SECONDS`."""

    def __init__(self, follower: Follower, logs: Logs, hints: Hints, clock: Clock, send: Send) -> None:
        self._follower, self._logs, self._hints, self._clock, self._send = follower, logs, hints, clock, send
        self._ends_at = _monotonic() + random.uniform(*OLDEST_SECONDS)
        self._beats_at = 0.0

    async def run(self, receive: Receive) -> None:
        watcher = asyncio.create_task(_watch(receive, self._follower))
        try:
            await self._send(START)
            with self._hints.following(self._follower.cursors, self._follower.hint):
                await self._serve()
            await self._send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            log.info("the edge stream of store %s took nothing for too long: dropped", self._follower.store)
        finally:
            watcher.cancel()

    async def _serve(self) -> None:
        """The first heartbeat goes out at once: it proves to the agent that nothing in between swallows streams."""
        follower = self._follower
        while not follower.gone:
            if follower.bye is not None:
                await self._write(frame(Frame.BYE, follower.bye))
                return
            if _monotonic() >= self._beats_at:
                await self._heartbeat()
            elif follower.due:
                await self._catch_up(follower.due.pop())
            else:
                await follower.rest(self._beats_at - _monotonic())

    async def _catch_up(self, name: str) -> None:
        """One page of one log, so that a long tail of one does not keep the other waiting."""
        page = await self._logs.page(self._follower.cursors[name], PAGE)
        if page.reset:
            await self._write(frame(Frame.RESET, page.head))
            self._follower.end("reset", 0.0, 1.0)
            return
        log_id = page.head.log_id
        if page.events:
            frames = [frame(Frame.EVENT, event, Cursor(name, log_id, event.seq).text()) for event in page.events]
            await self._write(b"".join(frames))
            self._follower.cursors[name] = Cursor(name, log_id, page.events[-1].seq)
        if self._follower.cursors[name].seq < page.head.seq:
            self._follower.due.add(name)

    async def _heartbeat(self) -> None:
        """Also looks itself: a hint may have been lost."""
        follower = self._follower
        if await self._logs.revoked(follower.credential):
            follower.end("revoked", 0.0, 0.0)
            return
        heads = await self._logs.heads(sorted(follower.cursors))
        follower.due.update(head.log for head in heads if head.seq > follower.cursors[head.log].seq)
        await self._write(frame(Frame.HEARTBEAT, Heartbeat(self._clock(), heads)))
        self._beats_at = _monotonic() + HEARTBEAT_SECONDS * random.uniform(0.8, 1.2)
        if _monotonic() > self._ends_at:
            follower.end("age", 0.0, 5.0)

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await self._send({"type": "http.response.body", "body": data, "more_body": True})


async def _watch(receive: Receive, follower: Follower) -> None:
    """Without this a client that left is noticed by nobody: sending to it is silent (facts/sync.md §3.4)."""
    while (await receive())["type"] != "http.disconnect":
        pass
    follower.leave()


def _monotonic() -> float:
    return asyncio.get_running_loop().time()

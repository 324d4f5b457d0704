"""One edge stream: server-sent events over raw ASGI (docs/protocol.md; facts/sync.md §1.1 R12-R14, §3.4).

A stream holds no queue: its cursors are the queue. It reads pages from the log whenever a hint or a heartbeat
says so, and sends them; a reader that does not read makes it wait, never grow.

Thousands are open and quiet at any moment, so a quiet stream is one task that waits for its client to leave. What is to
be sent, a second task sends, which lives only as long as there is something. A heartbeat needs none where nothing else
is to be said and the client has taken what came before.
"""

import asyncio
import logging
import random
from collections.abc import Iterator, Mapping
from typing import Protocol

import msgspec

from cloud.asgi import Receive, Send
from cloud.connections import WriteAtOnce
from cloud.errors import HubError
from cloud.followers import Follower
from cloud.heads import Heads, stands_at
from cloud.hints import Hints
from cloud.tokens import Token
from cloud.wheel import Wheel
from domain.events import lowered
from domain.protocol import HEARTBEAT_SECONDS, PAGE, Cursor, Frame, Heartbeat, Page
from domain.times import Clock

log = logging.getLogger(__name__)

SEND_SECONDS = 30.0
"""A client that takes nothing for so long is dropped; it comes back from its cursor."""
PIECE = 32 * 1024
"""Bytes sent at once, or one event."""
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
END = {"type": "http.response.body", "body": b""}
_NAMES = {kind: f"event: {kind}\n".encode() for kind in Frame}
_encode = msgspec.json.Encoder().encode


class Logs(Protocol):
    """What a stream reads."""

    async def page(self, cursor: Cursor, limit: int) -> Page: ...


class Admission(Protocol):
    def stands(self, token: Token) -> bool:
        """As `is_over`, without asking anybody. False: that must be asked."""
        ...

    async def is_over(self, token: Token) -> bool:
        """Asked at every heartbeat: the agent may have been revoked in another process."""
        ...


class Station:
    """What all streams of a process share."""

    __slots__ = ("admission", "clock", "heads", "hints", "logs", "wheel")

    def __init__(
        self, logs: Logs, admission: Admission, heads: Heads, hints: Hints, wheel: Wheel, clock: Clock
    ) -> None:
        self.logs, self.admission, self.heads = logs, admission, heads
        self.hints, self.wheel, self.clock = hints, wheel, clock


def frame(kind: Frame, data: object, cursor: str = "") -> bytes:
    """JSON from msgspec has no line breaks, so one data line is enough."""
    name = f"event: {kind}\nid: {cursor}\n".encode() if cursor else _NAMES[kind]
    return b"%bdata: %b\n\n" % (name, _encode(data))


def _pieces(log: str, page: Page, accepts: Mapping[str, int]) -> Iterator[tuple[bytes, Cursor]]:
    """Its events in pieces that a slow line takes within `SEND_SECONDS`, each with the cursor it leads to."""
    piece = bytearray()
    for event in page.events:
        cursor = Cursor(log, page.head.log_id, event.seq)
        piece += frame(Frame.EVENT, lowered(event, accepts), cursor.text())
        if len(piece) >= PIECE:
            yield bytes(piece), cursor
            piece.clear()
    if piece:
        yield bytes(piece), cursor


class Stream:
    """Serves one follower until it leaves, is told bye, or takes nothing for `SEND_SECONDS`."""

    __slots__ = ("_at", "_beats", "_begun", "_ends_at", "_follower", "_send", "_waiting", "_work", "_write_at_once")

    def __init__(self, follower: Follower, station: Station, send: Send, write_at_once: WriteAtOnce) -> None:
        self._follower, self._at, self._send, self._write_at_once = follower, station, send, write_at_once
        self._ends_at = _monotonic() + random.uniform(*OLDEST_SECONDS)
        self._beats = True
        """A heartbeat is due."""
        self._begun = False
        """The first went out, at once: it proves to the agent that nothing in between swallows streams."""
        self._work: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None

    async def run(self, receive: Receive) -> None:
        """Without waiting for the client to leave nobody would notice it: sending to it is silent (§3.4)."""
        follower = self._follower
        self._waiting = asyncio.current_task()
        await self._send(START)
        follower.due.update(name for name, cursor in follower.cursors.items() if self._at.heads.at(cursor) is None)
        follower.wake = self._wake
        try:
            with self._at.hints.following(follower.cursors, follower.hint):
                self._wake()
                while (await receive())["type"] != "http.disconnect":
                    pass
        except asyncio.CancelledError:
            if not follower.gone:
                raise
        finally:
            follower.gone = True
            if self._work is not None:
                self._work.cancel()

    def _wake(self) -> None:
        if self._work is None and not self._follower.gone:
            self._work = asyncio.create_task(self._serve())

    def _beat(self) -> None:
        self._beats = True
        if not self._beat_at_once():
            self._wake()

    def _beat_at_once(self) -> bool:
        """False: something stands before it."""
        follower = self._follower
        if self._work is not None or follower.gone or follower.bye is not None or follower.due:
            return False
        if not self._at.admission.stands(follower.token):
            return False
        heartbeat = self._heartbeat()
        if follower.due or not self._write_at_once(heartbeat):
            return False
        self._has_beaten()
        return True

    async def _serve(self) -> None:
        follower = self._follower
        try:
            while not follower.gone and (follower.bye is not None or self._beats or follower.due):
                await self._step()
        except Exception:  # the top of this task: nobody else would hear of it
            log.exception("the edge stream of store %s failed", follower.store)
            self._drop()
        finally:
            self._work = None

    async def _step(self) -> None:
        """Once begun, what is due goes before a heartbeat: then the heads it tells have passed already."""
        follower = self._follower
        if follower.bye is not None:
            await self._write(frame(Frame.BYE, follower.bye))
            follower.gone = True
            await self._send(END)
        elif follower.due and self._begun:
            await self._catch_up(follower.due.pop())
        else:
            await self._send_heartbeat()

    async def _catch_up(self, name: str) -> None:
        """One page of one log, so that a long tail of one does not keep the other waiting."""
        follower = self._follower
        try:
            page = await self._at.logs.page(follower.cursors[name], PAGE)
        except HubError as error:
            log.warning("an edge stream of store %s ends: %s", follower.store, error)
            follower.end("trouble")
            return
        if page.reset:
            await self._write(frame(Frame.RESET, page.head))
            follower.end("reset", 0.0, 1.0)
            return
        for frames, cursor in _pieces(name, page, follower.accepts):
            await self._write(frames)
            follower.cursors[name] = cursor
        if follower.cursors[name].seq < page.head.seq:
            follower.due.add(name)

    async def _send_heartbeat(self) -> None:
        follower = self._follower
        if await self._at.admission.is_over(follower.token):
            follower.end("session over", 0.0, 0.0)
            return
        await self._write(self._heartbeat())
        self._has_beaten()

    def _heartbeat(self) -> bytes:
        """Also looks itself: a hint may have been lost."""
        follower, at = self._follower, self._at
        heads = at.heads.of(follower.cursors)
        for head in heads:
            if not stands_at(follower.cursors[head.log], head):
                follower.due.add(head.log)
        return frame(Frame.HEARTBEAT, Heartbeat(at.clock(), heads))

    def _has_beaten(self) -> None:
        self._begun, self._beats = True, False
        self._at.wheel.after(HEARTBEAT_SECONDS * random.uniform(0.8, 1.2), self._beat)
        if _monotonic() > self._ends_at:
            self._follower.end("age", 0.0, 5.0)

    async def _write(self, data: bytes) -> None:
        """A timer of the loop costs a tenth of `asyncio.timeout`, and few writes ever wait."""
        too_long = asyncio.get_running_loop().call_later(SEND_SECONDS, self._give_up)
        try:
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
        finally:
            too_long.cancel()

    def _give_up(self) -> None:
        log.info("the edge stream of store %s took nothing for too long: dropped", self._follower.store)
        self._drop()

    def _drop(self) -> None:
        """The connection ends with the task that waits for the client."""
        self._follower.gone = True
        if self._waiting is not None:
            self._waiting.cancel()


def _monotonic() -> float:
    return asyncio.get_running_loop().time()

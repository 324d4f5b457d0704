"""What happens, as it happens: audit entries told to open pages and consoles after their commit (GET /api/activity).

A listener that does not keep up loses the oldest; the audit itself has them all. Agents that came or reported are no
matter of the audit: of them a frame `fleet` tells, at most once a second, which stores they are of.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

import msgspec

from cloud.transaction import AuditEntry

KEPT = 1000
STIRRED_EVERY_SECONDS = 1.0
QUIET_SECONDS = 15.0
"""After so long without news a comment goes out, so that proxies keep the stream open."""
_encode = msgspec.json.Encoder().encode


class Activity:
    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._stirred: set[str] = set()

    def tell(self, entries: Sequence[AuditEntry]) -> None:
        """In the loop's thread, after the commit."""
        for listener in self._listeners:
            listener.hear(entries)

    def stir(self, store: str) -> None:
        """In the loop's thread: something is new about the store's agent."""
        if self._listeners:
            if not self._stirred:
                asyncio.get_running_loop().call_later(STIRRED_EVERY_SECONDS, self._tell_stirred)
            self._stirred.add(store)

    def _tell_stirred(self) -> None:
        stirred, self._stirred = self._stirred, set()
        for listener in self._listeners:
            listener.hear_stirred(stirred)

    def stop(self) -> None:
        for listener in self._listeners:
            listener.stop()

    async def frames(self) -> AsyncIterator[bytes]:
        """Server-sent events, from now on; ends when the hub stops."""
        listener = _Listener()
        self._listeners.add(listener)
        try:
            yield b": listening\n\n"
            while not listener.stopped:
                for entry in await listener.news():
                    yield b"event: activity\ndata: " + _encode(entry) + b"\n\n"
                if stirred := listener.take_stirred():
                    yield b"event: fleet\ndata: " + _encode(sorted(stirred)) + b"\n\n"
                yield b": \n\n"
        finally:
            self._listeners.discard(listener)


class _Listener:
    def __init__(self) -> None:
        self._heard: deque[AuditEntry] = deque(maxlen=KEPT)
        self._stirred: set[str] = set()
        self._awake = asyncio.Event()
        self.stopped = False

    def hear(self, entries: Sequence[AuditEntry]) -> None:
        self._heard.extend(entries)
        self._awake.set()

    def hear_stirred(self, stores: set[str]) -> None:
        self._stirred |= stores
        self._awake.set()

    def take_stirred(self) -> set[str]:
        taken, self._stirred = self._stirred, set()
        return taken

    def stop(self) -> None:
        self.stopped = True
        self._awake.set()

    async def news(self) -> list[AuditEntry]:
        """What was heard since the last time; nothing after a quiet while."""
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return []
        self._awake.clear()
        heard = list(self._heard)
        self._heard.clear()
        return heard

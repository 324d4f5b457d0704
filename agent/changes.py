"""Telling open pages that something changed, and each verdict as it falls. Lives in the event loop's thread.

A page that misses a message loses nothing: it asks again for what it shows. Nothing queues up for a slow one.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import msgspec


class Happened(msgspec.Struct, frozen=True):
    """`data` is JSON; a change has none, whoever hears of it looks again."""

    event: Literal["changed", "verdict", "announce", "alive"]
    data: bytes = b"{}"


MOST_WAITING = 32
ALIVE_SECONDS = 10.0
"""So often a quiet stream shows the page that it is not swallowed by something on the way."""


class Changes:
    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[Happened | None]] = set()
        self._closed = False

    @property
    def open_pages(self) -> int:
        """How many listen now."""
        return len(self._pages)

    def changed(self) -> None:
        self._tell(Happened("changed"))

    def verdict(self, scanned: msgspec.Struct) -> None:
        self._tell(Happened("verdict", msgspec.json.encode(scanned)))

    def announce(self, announced: msgspec.Struct) -> None:
        self._tell(Happened("announce", msgspec.json.encode(announced)))

    def close(self) -> None:
        """Ends every open stream, so that the server can stop."""
        self._closed = True
        for page in self._pages:
            _push(page, None)

    async def listen(self, *, alive_seconds: float = ALIVE_SECONDS) -> AsyncIterator[Happened]:
        """Begins with a sign of life; ends when the agent stops or the page is too slow."""
        page: asyncio.Queue[Happened | None] = asyncio.Queue(MOST_WAITING)
        self._pages.add(page)
        try:
            yield Happened("alive")
            while not self._closed:
                try:
                    async with asyncio.timeout(alive_seconds):  # `wait_for` of Python 3.11 may swallow being cancelled
                        happened = await page.get()
                except TimeoutError:
                    happened = Happened("alive")
                if happened is None:
                    return
                yield happened
        finally:
            self._pages.discard(page)

    def _tell(self, happened: Happened) -> None:
        for page in self._pages:
            _push(page, happened)


def _push(page: asyncio.Queue[Happened | None], happened: Happened | None) -> None:
    """A full queue belongs to a page that does not read: it is told to come back."""
    if page.full():
        while not page.empty():
            page.get_nowait()
        happened = None
    page.put_nowait(happened)

"""Fetching a snapshot to a part file, from where the last try broke off (docs/protocol.md).

The file's name holds the log and the ETag: what is here of another one is of no use. What it says of persons is
sealed; the key comes with each answer and is kept in memory.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import msgspec

from agent.errors import DiskFull
from agent.snapshots.reading import Snapshot
from agent.storage.room import free_on

log = logging.getLogger(__name__)

FOLDER = "snapshots"
ROOM_FACTOR = 12
"""Unpacked and loaded it takes so much more than on the way, write-ahead log included."""
LEAST_FREE = 200 << 20
"""Bytes that stay free for the store's own work."""


class Answer(msgspec.Struct, frozen=True):
    """The hub's: `start` is where `pieces` begin, `size` how long the whole is."""

    etag: str
    key: bytes
    start: int
    size: int
    pieces: AsyncIterator[bytes]


class Source(Protocol):
    """Who has snapshots: `agent.hub.Hub`."""

    def snapshot(self, log: str, etag: str, start: int, *, least: int) -> AbstractAsyncContextManager[Answer]:
        """From `start` on where it is still the one of this ETag, else another one from its beginning. Not of an event
        before `least`, where the log went so far."""


class Part(msgspec.Struct, frozen=True):
    """What came of one so far; `etag` is empty where nothing did."""

    etag: str = ""
    size: int = 0


class SnapshotFolder:
    """One at a time of each log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, source: Source, name: str, *, least: int = 0) -> Snapshot:
        """The whole of it, not yet looked at. Raises `HubUnreachable`, `HubRefused` and `DiskFull`; what came stays."""
        part = await asyncio.to_thread(self._part, name)
        # One byte again: then there is always something to answer, and an answer says whether it is still the same.
        async with source.snapshot(name, part.etag, max(part.size - 1, 0), least=least) as answer:
            if answer.etag != part.etag:
                await asyncio.to_thread(self.drop, name)
            await asyncio.to_thread(self._refuse_if_no_room, answer.size - answer.start, answer.size)
            path = self._path(name, answer.etag)
            await _write(path, answer)
        log.info("fetched the snapshot of %s: %d bytes, %d of them now", name, answer.size, answer.size - answer.start)
        return Snapshot(path, answer.key)

    def drop(self, name: str) -> None:
        """It was loaded, or is of no use."""
        for path in self._parts(name):
            path.unlink(missing_ok=True)

    def _part(self, name: str) -> Part:
        for path in self._parts(name):
            return Part(path.suffix.removeprefix("."), path.stat().st_size)
        return Part()

    def _parts(self, name: str) -> list[Path]:
        self._folder.mkdir(parents=True, exist_ok=True)
        return sorted(self._folder.glob(f"{quote(name, safe='')}.*"))

    def _path(self, name: str, etag: str) -> Path:
        return self._folder / f"{quote(name, safe='')}.{quote(etag, safe='')}"

    def _refuse_if_no_room(self, coming: int, whole: int) -> None:
        free = free_on(self._folder)
        if free < LEAST_FREE + coming + ROOM_FACTOR * whole:
            raise DiskFull(f"there is no room for a snapshot of {whole} bytes: {free >> 20} MB are free")


async def _write(path: Path, answer: Answer) -> None:
    """What a power cut tore from the end of it is told by the checksum."""
    with await asyncio.to_thread(path.open, "ab") as file:
        await asyncio.to_thread(file.truncate, answer.start)
        async for piece in answer.pieces:
            await asyncio.to_thread(file.write, piece)

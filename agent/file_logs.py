"""The logs an agent follows and the outbox it sends, each over the data file it lives in."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from agent import incarnation, outbox, stopped_logs, store
from agent.apply import apply_page
from agent.cursors import cursor
from agent.errors import DiskFull
from agent.files import CacheFile, DataFile, WorkFile
from agent.follower import FollowedLog
from agent.introducing import home, logs
from agent.snapshots import once_more
from agent.snapshots.fetching import FOLDER, SnapshotFolder, Source
from agent.snapshots.loading import load
from agent.snapshots.reading import SnapshotStops, SnapshotUnusable
from agent.stopped_logs import LogStopped
from agent.transactions import Reading, Transaction
from domain.events import store_log
from domain.operations import Operation
from domain.protocol import Confirmed, Cursor, Outcome, Page

log = logging.getLogger(__name__)


class FileLog:
    """One log whose effects and cursor stand in one file."""

    def __init__(self, name: str, file: DataFile) -> None:
        self.name, self._file = name, file
        self._snapshots = SnapshotFolder(file.path.parent / FOLDER)

    async def cursor(self) -> Cursor:
        return await self._file.aread(lambda reading: cursor(reading, self.name))

    async def apply(self, page: Page) -> Cursor:
        if self._file.scarce:
            raise DiskFull("there is no room on the disk for what the hub has to say")
        applied = await self._file.awrite(lambda tx: apply_page(tx, page))
        if applied.stopped:
            raise LogStopped(f"{self.name} stops before event {applied.cursor.seq + 1}: {applied.stopped}")
        return applied.cursor

    async def replace(self, source: Source) -> Cursor:
        """Fetches and loads a snapshot. Clerks work on meanwhile, except while it is being loaded.

        It must not be older than the cursor, even where that is doubted: orders that came since would be taken for
        over. A snapshot that cannot be used changes nothing; its file is fetched anew only if its bytes are spoilt.
        Raises `LogStopped` where it holds an event that must be understood and cannot be.
        """
        snapshot = await self._snapshots.fetch(source, self.name, least=(await self.cursor()).seq)
        try:
            header = await asyncio.to_thread(snapshot.check)
            after = await self._file.awrite(lambda tx: load(tx, self.name, header, snapshot))
        except SnapshotStops as error:
            await self._file.awrite(partial(_stop, stops=error))
            raise LogStopped(f"{self.name} does not begin: {error}") from error
        except SnapshotUnusable as error:
            if error.spoilt:
                await asyncio.to_thread(self._snapshots.drop, self.name)
            raise
        await asyncio.to_thread(self._snapshots.drop, self.name)
        return after.cursor


def _stop(tx: Transaction, stops: SnapshotStops) -> None:
    if stopped_logs.put(tx, stops.event, f"in a snapshot: {stops.why}"):
        log.error("%s", stops)


class FileOutbox:
    def __init__(self, work: WorkFile) -> None:
        self._work = work

    async def pending(self, limit: int) -> Sequence[Operation]:
        return await self._work.aread(lambda reading: outbox.pending(reading, limit))

    async def confirmed(self) -> Confirmed:
        return await self._work.aread(_confirmed)

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        await self._work.awrite(partial(_settle, outcomes=outcomes))

    async def not_taken(self, operation: Operation, why: str) -> None:
        await self._work.awrite(partial(_not_taken, key=operation.key, why=why))

    async def send_again(self) -> None:
        if await self._work.aread(outbox.undelivered_count):
            await self._work.awrite(outbox.send_again)


def _confirmed(reading: Reading) -> Confirmed:
    own = store_log(store.identity(reading).store)
    return Confirmed(incarnation.confirmed(reading), cursor(reading, own))


def _settle(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    outbox.settle(tx, outcomes)
    once_more.look(tx)


def _not_taken(tx: Transaction, key: str, why: str) -> None:
    outbox.not_taken(tx, key, why)
    once_more.look(tx)


async def followed(work: WorkFile, cache: CacheFile) -> Sequence[FollowedLog]:
    """What the hub told this store to follow, each over the file it lives in."""
    return tuple(FileLog(name, home(name, work, cache)) for name in await work.aread(logs))

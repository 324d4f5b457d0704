"""The snapshots that were made and still serve: one file per log in the data folder, made when somebody asks.

At most one is made of a log at a time, and a few at once in all: a hub that was restored is asked by every store.
Everything but the making runs in the loop's thread.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from cloud import eventlog
from cloud.erasing import ERASED
from cloud.errors import SnapshotNotReady
from cloud.snapshots import writing
from cloud.snapshots.folds import fold_of
from cloud.snapshots.rows import View
from cloud.snapshots.writing import EVERYTHING, Sealing
from cloud.statements import Sql
from cloud.transaction import AuditEntry
from cloud.vault import KEY_BYTES, Vault
from cloud.writer import Writer
from domain.events import STORE_LOGS, store_log
from domain.ids import Randomness
from domain.protocol import Cursor, Head
from domain.times import HOUR, Clock, Millis

log = logging.getLogger(__name__)

FOLDER = "snapshots"
AT_ONCE = 2
"""Of the four readers; the others go on answering."""
MOST_WAITING = 64
WAIT_SECONDS = 20.0
"""An agent gives up an answer after 30; the making goes on without it."""
UNUSED: Millis = HOUR
"""Nobody asked for it for so long: its file goes."""
_OPERATIONS = Sql(
    """SELECT (SELECT count(*) FROM operations WHERE chain = ? AND store = ?)
    + (SELECT count(*) + count(ended_at) FROM set_aside WHERE chain = ? AND store = ?)"""
)
"""How much a store has told: the operations taken, those set aside, and (once more) those of them that ended since."""
SERVES_UNTIL = 0.5
"""A snapshot serves until the events since it was made are so much of its size, unpacked."""


Wanted = tuple[str, frozenset[tuple[str, int]]]
"""A log, and the kinds of events that whoever asks knows: agents of two versions read two snapshots."""


class Snapshot(msgspec.Struct):
    """`key` opens what is said of persons; it stands nowhere but here and in the answers."""

    etag: str
    path: Path
    head: Head
    key: bytes
    size: int
    """Of the file."""
    unpacked: int
    told: int
    """How much its store had told by then (`_OPERATIONS`)."""
    asked_at: Millis
    given: bool = False
    """Somebody got it. Until then it serves even if its store told more: that store may have come back for it because
    making it took too long."""


class SnapshotCache:
    def __init__(
        self, writer: Writer, folder: Path, *, chain: str, vault: Vault, clock: Clock, randomness: Randomness
    ) -> None:
        self._writer, self._folder, self._chain = writer, folder / FOLDER, chain
        self._vault, self._clock, self._randomness = vault, clock, randomness
        self._kept: dict[Wanted, Snapshot] = {}
        self._making: dict[Wanted, asyncio.Task[Snapshot]] = {}
        self._few = asyncio.Semaphore(AT_ONCE)

    def begin(self) -> None:
        """Removes what an earlier run left: it cannot be opened any more, as its keys are gone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            path.unlink()

    async def stop(self) -> None:
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    async def get(self, name: str, etag: str = "", accepts: Mapping[str, int] = EVERYTHING, least: int = 0) -> Snapshot:
        """The snapshot of this log for a program that reads these kinds; made now where none serves.

        `etag` names the one of which the asker has a part already: it goes on serving for longer, so that the other
        part can be fetched. `least` is the asker's cursor: a snapshot from before that event does not serve where a
        newer one can be made. Raises `SnapshotNotReady`.
        """
        wanted = (name, frozenset((accepts or EVERYTHING).items()))
        kept = self._kept.get(wanted)
        if kept is not None and await self._serves(kept, least, resumed=kept.etag == etag):
            kept.asked_at, kept.given = self._clock(), True
            return kept
        task = self._making.get(wanted)
        if task is None:
            if len(self._making) >= MOST_WAITING:
                raise SnapshotNotReady("too many stores ask for snapshots at once", hint="ask again in a moment")
            self._making[wanted] = task = asyncio.create_task(self._make(wanted), name=f"snapshot of {name}")
            task.add_done_callback(lambda _: self._making.pop(wanted, None))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                made = await asyncio.shield(task)
        except TimeoutError as error:
            raise SnapshotNotReady(f"the snapshot of {name} is being made", hint="ask again in a moment") from error
        made.given = True
        return made

    def heard(self, happened: Iterable[AuditEntry]) -> None:
        """Call it after each commit: nothing of a person who was erased may be given out any more."""
        self.forget(*{store_log(entry.store) for entry in happened if entry.action == ERASED})

    def forget(self, *names: str) -> None:
        self._drop(*[wanted for wanted in self._kept if wanted[0] in names])

    async def forget_unused(self) -> None:
        now = self._clock()
        self._drop(*[wanted for wanted, kept in self._kept.items() if now - kept.asked_at > UNUSED])

    def _drop(self, *all_wanted: Wanted) -> None:
        for wanted in all_wanted:
            if (kept := self._kept.pop(wanted, None)) is not None:
                _remove(kept.path)

    async def _serves(self, kept: Snapshot, least: int, *, resumed: bool) -> bool:
        if not kept.path.exists():
            return False
        tail = await self._writer.read(partial(eventlog.tail, chain=self._chain, since=_cursor(kept)))
        if tail is None or (tail > 0 and kept.head.seq < least):
            return False
        return resumed or (tail <= SERVES_UNTIL * kept.unpacked and not await self._is_outdone(kept))

    async def _is_outdone(self, kept: Snapshot) -> bool:
        """Whether its store told something since it was made. No event tells a store what it did itself: a store put
        back to an older copy would load this snapshot, not learn of its own work, and do it again."""
        return kept.given and await self._writer.read(partial(_told, chain=self._chain, log=kept.head.log)) != kept.told

    async def _make(self, wanted: Wanted) -> Snapshot:
        name, accepts = wanted
        async with self._few:
            etag, key = self._randomness(16).hex(), self._randomness(KEY_BYTES)
            path = self._folder / f"{etag}.gz"
            made: Snapshot | None = None
            try:
                made = await self._writer.read(
                    partial(self._write, name=name, accepts=dict(accepts), etag=etag, key=key, path=path)
                )
            except OSError as error:
                raise SnapshotNotReady(f"the snapshot of {name} cannot be written: {error}") from error
            finally:
                if made is None:
                    _remove(path)
        self._drop(wanted)
        self._kept[wanted] = made
        log.info("made a snapshot of %s at %d: %d bytes", name, made.head.seq, made.size)
        return made

    def _write(
        self, connection: Connection, *, name: str, accepts: Mapping[str, int], etag: str, key: bytes, path: Path
    ) -> Snapshot:
        """In a reader's thread, in one view of the database."""
        now = self._clock()
        found = eventlog.heads(connection, self._chain, [name])
        head = found[0] if found else Head(name, "", 0)
        sealing = Sealing(self._vault, key, self._randomness)
        view = View(connection, self._chain, now)
        unpacked = writing.write(path, head, view, fold_of(name), sealing, accepts)
        told = _told(connection, self._chain, name)
        return Snapshot(etag, path, head, key, path.stat().st_size, unpacked, told, now)


def _told(connection: Connection, chain: str, log: str) -> int:
    """How much the store whose log this is has told; 0 for logs of the chain."""
    of_store = chain, log.removeprefix(STORE_LOGS)
    return int(_OPERATIONS.rows(connection, *of_store, *of_store)[0][0])


def _cursor(kept: Snapshot) -> Cursor:
    return Cursor(kept.head.log, kept.head.log_id, kept.head.seq)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:  # Windows: somebody is reading it
        log.info("%s is still read; it goes when the hub starts again", path)

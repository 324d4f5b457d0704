"""Copies of the work file in the data folder, for a file that is damaged and for a person who wants yesterday back.

A copy is made online, beside readers and writer, under a temporary name; it is synced, checked and only then given its
own. Copies on the same disk help against a damaged file, not against a dead disk: docs/data.md.

The time in a name is for people. Which is newer, and which has to go, its number says: a clock that was wrong for one
night neither removes a good one nor makes the newest of an old one (facts/sync.md R15).
"""

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path

from agent.engine import Connection, sqlite3, translate
from agent.errors import AgentError, DataDamaged
from agent.files import WORK
from agent.schema import work
from agent.storage import checking
from agent.storage.looking_in import applied_steps, connect, looking_in, unknown_steps
from agent.storage.room import free_on
from agent.storage.setting_aside import stamp, stamped
from agent.system import ownership, renaming
from agent.whole_file import sync
from domain.times import DAY, Clock, Millis

log = logging.getLogger(__name__)

FOLDER = "backups"
KEPT_DAYS = 8
"""The latest one, and a week."""
LEFT_FREE = 200 * 1024 * 1024
"""Bytes that a backup leaves on the disk: what the agent needs is worth more than one more copy of it."""
_NEW = ".new"
_BEFORE = ".before-"
_NUMBERED = re.compile(r"work\.[^.]+\.(\d+)\.")
"""WORK.UTC.NUMBER.db; those of older versions have none."""


class NoBackup(AgentError):
    """None was made; the message says why."""


def all_backups(folder: Path) -> list[Path]:
    """The oldest first. `folder` is the data folder."""
    return sorted((folder / FOLDER).glob("work.*.db"), key=lambda path: (_number(path), path.name))


def newest_sound(folder: Path) -> Path | None:
    for path in reversed(all_backups(folder)):
        if is_ours(path) and not checking.check(path).wrong:
            return path
        log.error("the backup %s cannot be used", path)
    return None


def is_ours(path: Path) -> bool:
    """A work file that this version can read."""
    try:
        with looking_in(path) as db:
            return bool(applied_steps(db, work.SCHEMA)) and not unknown_steps(db, work.SCHEMA)
    except AgentError:
        return False


def back_up(folder: Path, clock: Clock, *, free: Callable[[Path], int] = free_on) -> Path:
    """One more backup, and those that are too many away. Raises NoBackup and StorageError; the last one stays then."""
    path = folder / WORK
    _make_room(folder, path, free)
    made = _target(folder, clock())
    with looking_in(path) as source:
        _copy(source, made)
    _prune(folder)
    return made


def before_upgrade(path: Path, step: str, clock: Clock) -> None:
    """Without it a step that did harm could not be taken back. One that cannot be made does not keep the store from
    its work."""
    try:
        _make_room(path.parent, path, free_on)
        source = connect(path)
        try:
            made = _target(path.parent, clock(), f"{_BEFORE}{step}")
            _copy(source, made)
        finally:
            source.close()
        log.info("the data before the update are kept as %s", made.name)
    except (AgentError, OSError) as error:
        log.error("no backup before the update: %s", error)


def made_at(path: Path) -> Millis:
    return stamped(path.name)


def _prune(folder: Path) -> None:
    """Of one day only the newest stays, and of days the newest eight. Those before an update stay as long."""
    days = set[Millis]()
    for path in reversed(all_backups(folder)):
        plain, day = _BEFORE not in path.name, made_at(path) // DAY
        if len(days) == KEPT_DAYS or (plain and day in days):
            path.unlink(missing_ok=True)
        elif plain:
            days.add(day)


def _make_room(folder: Path, path: Path, free: Callable[[Path], int]) -> None:
    """Older backups go for a newer one, the last of them only once the new one is made."""
    needed = path.stat().st_size + LEFT_FREE
    kept = all_backups(folder)
    while free(folder) < needed and len(kept) > 1:
        kept.pop(0).unlink(missing_ok=True)
    if free(folder) < needed:
        raise NoBackup(f"a backup needs {needed >> 20} MB, and {free(folder) >> 20} MB are free", hint="make room")


def _number(path: Path) -> int:
    found = _NUMBERED.match(path.name)
    return int(found[1]) if found is not None else 0


def _target(folder: Path, now: Millis, what: str = "") -> Path:
    number = 1 + max(map(_number, all_backups(folder)), default=0)
    (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    renaming.settle(folder)
    ownership.make_alike(folder / FOLDER, folder.stat())  # root may be the one who asks
    return folder / FOLDER / f"work.{stamp(now)}.{number}{what}.db"


def _copy(source: Connection, target: Path) -> None:
    """In one go: the source may be written meanwhile, and the copy is of one moment."""
    new = target.with_name(target.name + _NEW)
    new.unlink(missing_ok=True)
    os.close(ownership.create_for_service(new, None, private=True))
    try:
        db = sqlite3.connect(new, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous=OFF")  # it is synced once, at its end
            source.backup(db)
            db.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise translate(error, str(target)) from error
        finally:
            db.close()
        sync(new)
        if wrong := checking.check(new).wrong:
            raise DataDamaged(f"the copy {target.name} is not sound: {wrong}")
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    new.replace(target)
    renaming.settle(target.parent)

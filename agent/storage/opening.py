"""Before the data files are opened: whatever was interrupted is finished, whatever is damaged is set aside and rebuilt
(design.md §9). Blocks; for a thread."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agent import recovery
from agent.errors import DataBusy, DiskFull, FileClosed, SchemaTooNew, StorageError
from agent.files import CACHE, WORK, WorkFile
from agent.schema import cache, work
from agent.schema.migrate import Schema
from agent.storage import backups, checking
from agent.storage.headers import LEAST_FILE
from agent.storage.looking_in import applied_steps, looking_in, unknown_steps
from agent.storage.rebuild import finish_interrupted, rebuild_work
from agent.storage.setting_aside import PARTS, aside_of, set_aside
from agent.storage.story import Happening, Kind
from domain.times import Clock

log = logging.getLogger(__name__)

EMPTY, GONE = "the file is empty", "the file is gone"
_NONE: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """`happened` is what the store must be told and is not in the work file yet (the cache's); `left` are the tables
    of each file that there was no time to check."""

    happened: tuple[Happening, ...] = ()
    left: tuple[tuple[Path, tuple[str, ...]], ...] = ()


def prepare(folder: Path, clock: Clock) -> Prepared:
    """Raises SchemaTooNew for a file of a newer version, which is left alone, and StorageError where a file can be
    neither read nor rebuilt."""
    path, happened = folder / CACHE, tuple[Happening, ...]()
    left = [_prepare_work(folder / WORK, clock)]
    wrong, unchecked = _look_at(path, cache.SCHEMA)
    if wrong:
        happened, unchecked = (_drop_cache(path, wrong, clock),), ()
    left.append((path, unchecked))
    return Prepared(happened, tuple((path, tables) for path, tables in left if tables))


async def open_work(folder: Path, clock: Clock, opened: Callable[[], WorkFile], version: str) -> WorkFile:
    """The prepared file, recovered. One whose own rows contradict each other so that the agent cannot begin is rebuilt,
    once: SQLite's checks do not see everything."""
    work = opened()
    try:
        await recovery.recover_all(work, version)
        return work
    except (DataBusy, DiskFull, FileClosed):
        work.close()
        raise
    except (StorageError, msgspec.MsgspecError, LookupError, ValueError, TypeError) as error:
        work.close()
        log.exception("the work file contradicts itself")
        distrust(folder / WORK, f"{type(error).__name__}: {error}")
    await asyncio.to_thread(prepare, folder, clock)
    work = opened()
    await recovery.recover_all(work, version)
    return work


def distrust(path: Path, why: str) -> None:
    """At the next start the file is checked whole. With `why`, it is rebuilt even where no check finds anything."""
    _suspicion(path).write_text(why, encoding="utf-8")


def _prepare_work(path: Path, clock: Clock) -> tuple[Path, tuple[str, ...]]:
    finish_interrupted(path)
    kept = backups.all_backups(path.parent)
    if _should_be_there(path, kept):
        kind, (wrong, left) = Kind.WORK_MISSING, (GONE, _NONE)
    else:
        kind, (wrong, left) = Kind.WORK_REBUILT, _look_at(path, work.SCHEMA)
    if not wrong:
        _keep_before_upgrade(path, clock)
        return path, left
    log.error("%s cannot be used (%s); it is set aside and rebuilt", path, wrong)
    aside, backup = aside_of(path, clock()), backups.newest_sound(path.parent)
    told = rebuild_work(path, aside=aside, backup=backup, what=Happening(kind, aside.name, wrong), now=clock())
    log.error("%s was rebuilt in %.1f s: %d operations to send; lost: %s", path, told.seconds, told.unsent, told.lost)
    _suspicion(path).unlink(missing_ok=True)
    return path, ()


def _should_be_there(path: Path, kept: Sequence[Path]) -> bool:
    """A first start finds nothing at all. A WAL alone would be read into the new file."""
    parts = [path.with_name(path.name + part) for part in PARTS]
    return not path.exists() and (bool(kept) or any(part.exists() for part in parts))


def _look_at(path: Path, schema: Schema) -> tuple[str, tuple[str, ...]]:
    """What is wrong with it, and what was not looked at."""
    if not path.exists():
        return "", ()
    if path.stat().st_size < LEAST_FILE:
        return EMPTY, ()
    suspected = _suspicion(path).exists()
    checked = checking.check_whole(path) if suspected else checking.check(path, seconds=checking.patience_for(path))
    if checked.wrong:
        return checked.wrong, ()
    with looking_in(path) as db:
        if newer := unknown_steps(db, schema):
            raise SchemaTooNew(f"{path} was written by a newer version of this program (steps {', '.join(newer)})")
        if not applied_steps(db, schema):
            return "it holds none of our tables", ()
    if suspected:
        if why := _suspicion(path).read_text(encoding="utf-8"):
            return why, ()
        log.warning("%s was suspected of damage, and is sound", path)
        _suspicion(path).unlink(missing_ok=True)
    if checked.left:
        log.info("%s is checked in part so far (%.1f s), and further while the agent works", path, checked.seconds)
    return "", checked.left


def _suspicion(path: Path) -> Path:
    return path.with_name(path.name + checking.SUSPECT)


def _keep_before_upgrade(path: Path, clock: Clock) -> None:
    if not path.exists():
        return
    with looking_in(path) as db:
        missing = [step for step in work.SCHEMA.steps if step not in applied_steps(db, work.SCHEMA)]
    if missing:
        backups.before_upgrade(path, missing[0], clock)


def _drop_cache(path: Path, wrong: str, clock: Clock) -> Happening:
    """Headquarters tells all of it again."""
    began, aside = time.monotonic(), aside_of(path, clock())
    log.error("%s cannot be used (%s); it is set aside as %s and told anew", path, wrong, aside.name)
    set_aside(path, aside)
    _suspicion(path).unlink(missing_ok=True)
    return Happening(Kind.CACHE_REBUILT, aside.name, wrong, seconds=round(time.monotonic() - began, 3))

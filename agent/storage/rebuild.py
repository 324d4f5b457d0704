"""A new work file out of a damaged one and its last backup, or out of a backup that a person wants back.

The new file is complete and on the disk before anything is moved; the renaming that follows is finished at the next
start if a power cut interrupts it. Everything a rebuilt file says to headquarters goes under the keys it always had,
so that saying it twice is safe; what may have been printed already is asked about (design.md §7, §9).
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from agent import outbox
from agent.engine import Connection, sqlite3, translate
from agent.errors import DataDamaged, StorageError
from agent.schema import work
from agent.schema.migrate import Schema, bring_up_to_date
from agent.storage import carry_over, fill_in, headers, mending, orphans, salvage, story
from agent.storage.looking_in import UNREADABLE, applied_steps, connect
from agent.storage.salvage import Copied, Table
from agent.storage.setting_aside import set_aside
from agent.storage.story import Happening, Kind
from agent.system import ownership, renaming
from agent.transactions import Reading
from agent.vault import Vault
from agent.whole_file import sync
from domain.times import Millis

log = logging.getLogger(__name__)

_BUILDING, _BUILT, _DAMAGED = "rebuilding", "rebuilt", "damaged"


def rebuild_work(path: Path, *, aside: Path, backup: Path | None, what: Happening, now: Millis) -> Happening:
    """The damaged file at `path`, if there is one, goes to `aside`; what can be read of it and of `backup` takes its
    place. `what` comes back with the counts."""
    began = time.monotonic()
    with _building(path, aside) as db:
        (copied, given), filled = _salvage(path, db), 0
        if backup is not None:
            with _source(backup) as older:
                filled = fill_in.fill_in(db, older, [name for name, each in copied.items() if not each.whole])
        what = msgspec.structs.replace(what, backup=backup.name if backup is not None else "", filled=filled)
        lost_slips = not (copied["slips"].whole and copied["orders"].whole)
        told = _conclude(db, _counted(copied, what), given, now, began, lost_slips=lost_slips)
    _put_in_place(path, aside)
    return told


def restore_work(path: Path, *, aside: Path, backup: Path, now: Millis) -> Happening:
    """`backup` takes the place of the file at `path`, which goes to `aside`. What that one has yet to send, has sold
    and has printed goes along where it can be read."""
    began, carried = time.monotonic(), False
    what = Happening(Kind.RESTORED, aside=aside.name if path.exists() else "", backup=backup.name)
    with _building(path, aside) as db:
        with _source(backup) as older:
            copied, given = _copied(older, db), mending.given_numbers(older)
        if not all(each.whole for each in copied.values()):
            raise DataDamaged(f"the backup {backup} is not sound")
        if _may_be_read(path):
            with suppress(*UNREADABLE, StorageError), _source(path) as present:
                given |= mending.given_numbers(present)  # later ones
                carry_over.carry_over(db, present)
                carried = True
        carry_over.doubt_slips(db)
        told = _conclude(db, _counted(copied, what), given, now, began, lost_slips=not carried)
    _put_in_place(path, aside)
    return told


def finish_interrupted(path: Path) -> None:
    """Of a rebuilding that a power cut stopped: before its end nothing was moved, and it is begun again; after it the
    new file takes its place."""
    for left in path.parent.glob(f"{path.name}.{_BUILDING}*"):
        left.unlink(missing_ok=True)
    headers.forget_copy(path)
    for built in path.parent.glob(f"{path.name}.{_BUILT}.*"):
        log.warning("the rebuilding of %s was interrupted and is finished", path.name)
        _put_in_place(path, path.with_name(built.name.replace(f".{_BUILT}.", f".{_DAMAGED}.", 1)))


def _put_in_place(path: Path, aside: Path) -> None:
    set_aside(path, aside)
    _built(path, aside).replace(path)
    renaming.settle(path.parent)


def _built(path: Path, aside: Path) -> Path:
    """Its name says where the damaged one goes, for whoever finishes an interrupted renaming."""
    return path.with_name(aside.name.replace(f".{_DAMAGED}.", f".{_BUILT}.", 1))


@contextmanager
def _building(path: Path, aside: Path) -> Iterator[Connection]:
    """A new file, whole and on the disk under its second name once this is left without an error."""
    building = path.with_name(f"{path.name}.{_BUILDING}")
    building.unlink(missing_ok=True)
    os.close(ownership.create_for_service(building, None, private=True))
    try:
        db = sqlite3.connect(building, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode=MEMORY")
            db.execute("PRAGMA synchronous=OFF")  # it is synced once, at its end
            yield db
        except sqlite3.Error as error:
            raise translate(error, str(building)) from error
        finally:
            db.close()
        sync(building)
    except BaseException:
        building.unlink(missing_ok=True)
        raise
    building.replace(_built(path, aside))
    renaming.settle(path.parent)


@contextmanager
def _source(path: Path) -> Iterator[Connection]:
    """Read however damaged its list of tables is."""
    db = connect(path)
    try:
        for pragma in ("writable_schema", "cell_size_check"):
            with suppress(*UNREADABLE):
                db.execute(f"PRAGMA {pragma}=ON")
        yield db
    finally:
        db.close()


def _salvage(path: Path, db: Connection) -> tuple[dict[str, Copied], dict[str, int]]:
    """What was copied, and the last number that each table gave out, where it can be read."""
    given = dict[str, int]()
    if _may_be_read(path):
        with headers.readable(path) as there, _source(there) as source:
            copied, given = _copied(source, db), mending.given_numbers(source)
    else:
        bring_up_to_date(db, work.SCHEMA, "rebuilding")
        copied = {table.name: Copied(gaps=1, lost=None) for table in salvage.tables(db)}
    if found := orphans.unsent_in_pages(path, db, _columns(db, "outbox")):
        kept = copied["outbox"].kept + found
        copied["outbox"] = msgspec.structs.replace(copied["outbox"], kept=kept, gaps=1, lost=None)
    mending.doubt_what_looks_whole(db, copied, given)
    return copied, given


def _copied(source: Connection, db: Connection) -> dict[str, Copied]:
    _same_steps(db, source)
    db.execute("BEGIN")
    copied = {table.name: salvage.copy(source, db, table) for table in salvage.tables(db)}
    db.execute("COMMIT")
    return copied


def _may_be_read(path: Path) -> bool:
    """SQLite throws away the WAL of a file that has no page."""
    return path.exists() and path.stat().st_size >= headers.LEAST_FILE


def _columns(db: Connection, name: str) -> Table:
    return next(table for table in salvage.tables(db) if table.name == name)


def _same_steps(db: Connection, source: Connection) -> None:
    """The new file begins with the tables that the old one had, so that later steps do to the rows what they do."""
    try:
        steps = applied_steps(source, work.SCHEMA)
    except UNREADABLE:
        steps = []
    had = {name: work.SCHEMA.steps[name] for name in steps if name in work.SCHEMA.steps} or work.SCHEMA.steps
    bring_up_to_date(db, Schema(work.SCHEMA.name, had), "rebuilding")


def _counted(copied: dict[str, Copied], what: Happening) -> Happening:
    return msgspec.structs.replace(
        what,
        kept={name: each.kept for name, each in copied.items() if each.kept},
        lost={name: each.lost for name, each in copied.items() if not each.whole},
    )


def _conclude(
    db: Connection, what: Happening, given: dict[str, int], now: Millis, began: float, *, lost_slips: bool
) -> Happening:
    bring_up_to_date(db, work.SCHEMA, "rebuilt")
    reading = Reading(db, now, Vault(None))
    db.execute("BEGIN")
    mending.go_on_counting(db, given)
    lost_slips = mending.mend_states(db) or lost_slips
    mending.drop_what_refers_to_nothing(db)
    mending.mend_trail_heads(db)
    mending.read_logs_anew(reading, lost_slips=lost_slips)
    told = msgspec.structs.replace(
        what,
        unsent=outbox.depth(reading),
        unsent_lost=mending.missing_numbers(db, given) if "outbox" in what.lost else 0,
        seconds=round(time.monotonic() - began, 3),
    )
    story.insert(db, told, now)
    db.execute("COMMIT")
    return told

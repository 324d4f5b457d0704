"""Is a data file sound? SQLite's own `quick_check`, table by table, the irreplaceable first, for as long as a start may
take: a second for each 500 MB. What was not reached is checked while the agent works (facts/sync.md §2.1)."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.engine import Connection, sqlite3
from agent.errors import DataDamaged
from agent.storage.looking_in import looking_in

log = logging.getLogger(__name__)

BYTES_A_SECOND = 500 * 1024 * 1024
LEAST_SECONDS = 0.5
"""Enough for all of a young store's file on a slow disk."""
SUSPECT = ".suspect"
"""Beside a file: it gave a wrong answer while the agent worked, and is checked whole at the next start."""
_FIRST = ("outbox", "facts", "orders", "lines", "picks", "slips", "bindings", "sold", "stock", "lots")
_CLOSELY = frozenset({"outbox", "facts"})
"""Checked against their indexes too: a flipped bit must not hide what is still to be sent."""
_STEPS = 10_000
"""Virtual machine steps between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`wrong` is empty where nothing was found; `left` names the tables that there was no time for."""

    wrong: str
    left: tuple[str, ...] = ()
    seconds: float = 0.0


def patience_for(path: Path) -> float:
    """Seconds that the check of this file may take at start."""
    return max(LEAST_SECONDS, path.stat().st_size / BYTES_A_SECOND)


def check(path: Path, *, seconds: float | None = None) -> Checked:
    """Reads only. Without `seconds` it takes its time and leaves nothing out. Raises StorageError where the file can
    be neither read nor called damaged (busy, not ours)."""
    began = time.monotonic()
    try:
        with looking_in(path) as db:
            wrong, left = _by_table(db, None if seconds is None else began + seconds)
    except DataDamaged as error:
        wrong, left = str(error), ()
    return Checked(wrong, left, time.monotonic() - began)


def check_tables(path: Path, tables: Iterable[str]) -> Checked:
    """The rest of a check that was not finished."""
    began = time.monotonic()
    try:
        with looking_in(path) as db:
            wrong = next((said for table in tables if (said := _said(db, table)) != "ok"), "")
    except DataDamaged as error:
        wrong = str(error)
    return Checked(wrong, (), time.monotonic() - began)


def check_whole(path: Path) -> Checked:
    """Every page, and every index against its table: for the night, and for what is suspected."""
    began = time.monotonic()
    try:
        with looking_in(path) as db:
            said = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except DataDamaged as error:
        said = str(error)
    return Checked("" if said == "ok" else said, (), time.monotonic() - began)


def _by_table(db: Connection, until: float | None) -> tuple[str, tuple[str, ...]]:
    rows = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    names = sorted((str(row["name"]) for row in rows), key=lambda name: _FIRST.index(name) if name in _FIRST else 99)
    if until is not None:
        db.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
    for place, name in enumerate(names):
        try:
            said = _said(db, name)
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                return "", tuple(names[place:])
            raise
        if said != "ok":
            return said, ()
    return "", ()


def _said(db: Connection, table: str) -> str:
    check = "integrity_check" if table in _CLOSELY else "quick_check"
    return str(db.execute(f'PRAGMA {check}("{table}")').fetchone()[0])

"""Do the data files open, are they sound, and can this version read them?"""

import time
from pathlib import Path

from agent.doctor.amounts import size
from agent.doctor.case import Case, Records, reading
from agent.doctor.findings import Finding, Said, found
from agent.engine import sqlite3, translate
from agent.errors import AgentError, DataDamaged
from agent.files import CACHE, WORK
from agent.schema import cache, work
from agent.schema.migrate import Schema
from agent.storage import backups
from agent.storage.looking_in import unknown_steps
from agent.storage.story import Kind, Told
from domain.thresholds import BACKUP_OLD
from domain.times import DAY, shown

CHECKED_FOR_SECONDS = 6.0
_STEPS = 100_000
"""Virtual machine steps between two looks at the clock."""


def database(case: Case) -> list[Finding]:
    files = [(case.settings.folder / WORK, work.SCHEMA), (case.settings.folder / CACHE, cache.SCHEMA)]
    there = [(path, schema) for path, schema in files if path.exists()]
    if not there:
        return [found("database.none")]
    wrong = [finding for path, schema in there if (finding := _wrong(case, path, schema)) is not None]
    happened = case.records.happened if isinstance(case.records, Records) else ()
    told = [each for each in happened if each.what.kind is not Kind.RESTORED]
    sound = [found("database.ok", size=size(sum(path.stat().st_size for path, _ in there)))]
    return [*(wrong or sound), *map(_befell, told), *_backups(case)]


def _befell(told: Told) -> Finding:
    what = told.what
    if what.kind is Kind.CACHE_REBUILT:
        return found("database.refetched", at=shown(told.at), detail=what.wrong)
    lost = Said("有些读不出", "some cannot be read") if what.lost else Said("没有丢失", "nothing was lost")
    if what.lost and what.unsent_lost is not None:
        lost = Said(f"最多 {what.unsent_lost} 条读不出", f"at most {what.unsent_lost} cannot be read")
    return found(
        "database.rebuilt", at=shown(told.at), unsent=what.unsent, lost=lost, aside=what.aside, detail=what.wrong
    )


def _backups(case: Case) -> list[Finding]:
    """A store of its first day has none yet."""
    kept = backups.all_backups(case.settings.folder)
    if not kept:
        first = case.records.first_order_at if isinstance(case.records, Records) else None
        return [found("backup.none")] if first is not None and case.clock() - first > DAY else []
    at = backups.made_at(kept[-1])
    age = case.clock() - at
    if age >= BACKUP_OLD:
        return [found("backup.old", at=shown(at), days=age // DAY)]
    return [found("backup.ok", at=shown(at), count=len(kept))]


def _wrong(case: Case, path: Path, schema: Schema) -> Finding | None:
    if case.running is not None and not case.safe_with_readers:
        return None  # a second connection may itself corrupt it: the agent's own word must do (`sqlite.unsafe`)
    try:
        with reading(path) as view:
            if unknown_steps(view.db, schema):
                return found("database.newer", file=path)
            said = _quick_check(view.db)
    except AgentError as error:
        return _refused(path, error)
    if said is None:
        return found("database.unchecked", file=path)
    return None if said == "ok" else found("database.damaged", file=path, detail=said)


def _quick_check(db: sqlite3.Connection) -> str | None:
    """SQLite's own verdict; None when it would take too long."""
    until = time.monotonic() + CHECKED_FOR_SECONDS
    db.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
    try:
        return str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return None
        raise translate(error, "quick_check") from error
    finally:
        db.set_progress_handler(None, 0)


def _refused(path: Path, error: AgentError) -> Finding:
    if isinstance(error, DataDamaged):
        return found("database.damaged", file=path, detail=str(error))
    if not _readable(path):
        return found("database.private", file=path)
    return found("database.unusable", file=path, why=str(error), hint=error.hint)


def _readable(path: Path) -> bool:
    try:
        path.open("rb").close()
    except PermissionError:
        return False
    return True

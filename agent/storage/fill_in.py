"""Rows of the last backup where a damaged work file lost some."""

from collections.abc import Iterable, Sequence

from agent.engine import Connection, sqlite3
from agent.storage import orphans, salvage

IN_DOUBT = "('accepted', 'held', 'not_printed', 'sending', 'confirming')"
"""Slips that may have been printed after the copy was made."""


def fill_in(target: Connection, backup: Connection, tables: Iterable[str]) -> int:
    """Rows of these tables that the damaged file lost; returns how many. What they say may be out of date:
    headquarters' snapshot tells what became of the orders; a slip that was waiting is one of unknown fate."""
    ours, before = {table.name: table for table in salvage.tables(target)}, target.total_changes
    target.execute("BEGIN")
    for name in tables:
        columns = _shared(backup, name, ours[name].columns)
        rows = [tuple(row) for row in _rows(backup, name, columns)]
        if name == "outbox":
            _operations(target, columns, rows)
        else:
            _insert(target, name, columns, rows)
    target.execute("COMMIT")
    return target.total_changes - before


def _operations(target: Connection, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    known = {row["key"] for row in target.execute("SELECT key FROM outbox")}
    key = columns.index("key")
    for row in rows:
        if row[key] not in known:
            orphans.insert(target, columns, row)


def _insert(target: Connection, name: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
    before = {row["slip_id"] for row in target.execute("SELECT slip_id FROM slips")} if name == "slips" else set()
    target.executemany(f'INSERT OR IGNORE INTO "{name}" ({names}) VALUES ({marks})', rows)
    if name == "slips":
        doubted = [(slip_id,) for slip_id in _slip_ids(target) - before]
        target.executemany(f"UPDATE slips SET state = 'sending' WHERE slip_id = ? AND state IN {IN_DOUBT}", doubted)


def _slip_ids(target: Connection) -> set[str]:
    return {str(row["slip_id"]) for row in target.execute("SELECT slip_id FROM slips")}


def _shared(source: Connection, name: str, columns: Sequence[str]) -> list[str]:
    there = {str(row["name"]) for row in source.execute(f'PRAGMA table_info("{name}")')}
    return [column for column in columns if column in there]


def _rows(source: Connection, name: str, columns: Sequence[str]) -> Iterable[sqlite3.Row]:
    names = ", ".join(f'"{column}"' for column in columns)
    return source.execute(f'SELECT {names} FROM "{name}"') if columns else ()

"""Operations that are still on some page of a damaged work file, though no tree leads there any more.

A page that SQLite gave back may hold an operation in an older state: only those that wait to be sent are taken, and
only those nobody else has. Headquarters counts a key once, so that sending one again is safe.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agent.engine import Connection, sqlite3
from agent.storage import pages
from agent.storage.pages import Value
from agent.storage.salvage import Table
from domain.operations import BODIES

_KEY, _KIND, _V, _AT, _BODY, _ORDER, _STATE = 1, 2, 3, 4, 5, 6, 7
_KEY_LENGTH = 36


def unsent_in_pages(path: Path, target: Connection, outbox: Table) -> int:
    """Puts them into the new file's outbox; returns how many."""
    known = {row["key"] for row in target.execute("SELECT key FROM outbox")}
    found: dict[str, tuple[int, tuple[Value, ...]]] = {}
    for number, values in pages.rows(path):
        if _is_unsent(values, len(outbox.columns)) and values[_KEY] not in known:
            found[str(values[_KEY])] = number, values
    for number, values in sorted(found.values()):
        insert(target, outbox.columns, (number, *values[1:]))
    return len(found)


def insert(target: Connection, columns: Sequence[str], values: Sequence[object]) -> None:
    """Under its number; where another operation has that, at the end."""
    shared = columns[: len(values)]
    names, marks = ", ".join(f'"{name}"' for name in shared), ", ".join("?" * len(shared))
    statement = f"INSERT INTO outbox ({names}) VALUES ({marks})"
    with suppress(sqlite3.IntegrityError):
        target.execute(statement, values)
        return
    with suppress(sqlite3.IntegrityError):
        target.execute(statement, (None, *values[1:]))


def _is_unsent(values: tuple[Value, ...], width: int) -> bool:
    """By the shape of a row of `outbox`: a row written before a column was added is shorter."""
    if not _STATE < len(values) <= width or values[0] is not None or values[_STATE] != "pending":
        return False
    key, kind, body = values[_KEY], values[_KIND], values[_BODY]
    return (
        isinstance(key, str)
        and len(key) == _KEY_LENGTH
        and kind in BODIES
        and isinstance(values[_V], int)
        and isinstance(values[_AT], int)
        and isinstance(values[_ORDER], str | None)
        and isinstance(body, bytes)
        and _is_json(body)
    )


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False

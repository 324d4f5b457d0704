"""What goes along when a person puts a backup in the place of the present work file: who this store is, what is still
to be sent, what was sold, printed and written down since."""

from agent.engine import Connection
from agent.storage import orphans, salvage
from agent.storage.fill_in import IN_DOUBT

_SINCE = ("sold", "trail", "personal_keys", "personal", "happenings")
"""Only ever added to."""
_KNOWN = "CREATE TEMP TABLE IF NOT EXISTS known_since (number INTEGER PRIMARY KEY)"
"""Slips whose state is the present one."""


def carry_over(target: Connection, present: Connection) -> None:
    """Reads the present file with SQLite's own means: what is damaged is not carried."""
    ours = {table.name: table.columns for table in salvage.tables(target)}
    target.execute("BEGIN")
    try:
        _outbox(target, present, ours["outbox"])
        _replace(target, present, "facts", ours["facts"])
        for name in _SINCE:
            if name in ours:
                _add(target, present, name, ours[name])
        _slips(target, present, ours["slips"])
    except BaseException:
        target.execute("ROLLBACK")
        raise
    target.execute("COMMIT")


def doubt_slips(target: Connection) -> None:
    """What waited for its printer when the backup was made, and of which the present file says nothing, may have been
    printed since: a person is asked."""
    target.execute(_KNOWN)
    target.execute(f"UPDATE slips SET state = 'sending' WHERE state IN {IN_DOUBT} AND number NOT IN known_since")


def _outbox(target: Connection, present: Connection, columns: tuple[str, ...]) -> None:
    known = {row["key"]: row["state"] for row in target.execute("SELECT key, state FROM outbox")}
    for row in present.execute(f"SELECT {_names(columns)} FROM outbox ORDER BY number").fetchall():
        if row["key"] not in known:
            orphans.insert(target, columns, tuple(row))
        elif row["state"] != known[row["key"]]:
            target.execute(
                "UPDATE outbox SET state = ?, reason = ?, settled_at = ? WHERE key = ?",
                (row["state"], row["reason"], row["settled_at"], row["key"]),
            )


def _slips(target: Connection, present: Connection, columns: tuple[str, ...]) -> None:
    """Each as it stands now; a number that another slip has is given anew."""
    target.execute(_KNOWN)
    for row in present.execute(f"SELECT {_names(columns)} FROM slips ORDER BY number").fetchall():
        target.execute("DELETE FROM slips WHERE slip_id = ?", (row["slip_id"],))
        taken = target.execute("SELECT 1 FROM slips WHERE number = ?", (row["number"],)).fetchone() is not None
        values = {name: row[name] for name in columns} | ({"number": None} if taken else {})
        marks = ", ".join("?" * len(columns))
        number = target.execute(
            f"INSERT INTO slips ({_names(columns)}) VALUES ({marks})", tuple(values.values())
        ).lastrowid
        target.execute("INSERT INTO known_since VALUES (?)", (number,))


def _add(target: Connection, present: Connection, name: str, columns: tuple[str, ...]) -> None:
    rows = present.execute(f"SELECT {_names(columns)} FROM {name}").fetchall()
    marks = ", ".join("?" * len(columns))
    target.executemany(f"INSERT OR IGNORE INTO {name} ({_names(columns)}) VALUES ({marks})", map(tuple, rows))


def _replace(target: Connection, present: Connection, name: str, columns: tuple[str, ...]) -> None:
    rows = present.execute(f"SELECT {_names(columns)} FROM {name}").fetchall()
    marks = ", ".join("?" * len(columns))
    target.executemany(f"INSERT OR REPLACE INTO {name} ({_names(columns)}) VALUES ({marks})", map(tuple, rows))


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)

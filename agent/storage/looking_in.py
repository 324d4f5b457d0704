"""A look into a data file that cannot change it, whether it is ours, damaged, or a backup."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.engine import Connection, sqlite3, translate
from agent.errors import DataDamaged
from agent.schema.migrate import Schema

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file answers: SQLite's own word, or one with bytes in it that are no text."""
_BUSY_S = 2.0


def connect(path: Path) -> Connection:
    """Read-only; a WAL beside the file is read with it and not put into it. Raises StorageError."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=_BUSY_S)
    except sqlite3.Error as error:
        raise translate(error, str(path)) from error
    db.row_factory = sqlite3.Row
    return db


@contextmanager
def looking_in(path: Path) -> Iterator[Connection]:
    """One consistent view. Raises StorageError, also for what fails inside: a name that is no text is damage."""
    db = connect(path)
    try:
        db.execute("BEGIN")
        yield db
    except sqlite3.Error as error:
        raise translate(error, str(path)) from error
    except UnicodeDecodeError as error:
        raise DataDamaged(f"{path}: {error}") from error
    finally:
        db.close()


def applied_steps(db: Connection, schema: Schema) -> list[str]:
    """What the file's tables have been through; nothing where it has no tables yet."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = '_sqlite_migrations'").fetchone() is None:
        return []
    rows = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (schema.name,))
    return [row["name"] for row in rows.fetchall()]


def unknown_steps(db: Connection, schema: Schema) -> list[str]:
    """Those of a newer version of this program."""
    return [step for step in applied_steps(db, schema) if step not in schema.steps]

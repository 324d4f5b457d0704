"""The one SQLite of this process.

Two SQLite libraries on one file would drop each other's locks, and sqlite-utils takes pysqlite3 where it is
installed, so everybody gets it from here (facts/sync.md §2.2).
"""

from typing import TYPE_CHECKING

from agent.errors import DataBusy, DataDamaged, DiskFull, StorageError

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        import pysqlite3.dbapi2 as sqlite3
    except ImportError:
        import sqlite3

__all__ = ["SAFE_WITH_READERS", "Connection", "is_of_the_file", "sqlite3", "translate"]

Connection = sqlite3.Connection


def safe_with_readers(version: tuple[int, ...]) -> bool:
    """False for 3.7.0-3.51.2, whose WAL may be corrupted by a second connection; 3.44.6 and 3.50.7 were mended."""
    if version[:2] in ((3, 44), (3, 50)):
        return version >= ((3, 44, 6) if version[1] == 44 else (3, 50, 7))
    return version >= (3, 51, 3)


SAFE_WITH_READERS = safe_with_readers(sqlite3.sqlite_version_info)


_OF_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)


def is_of_the_file(error: BaseException) -> bool:
    """The file or the disk failed, not what was asked of it: the same again may succeed."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and isinstance(code, int) and code & 0xFF in _OF_THE_FILE


_DAMAGE = ("image is malformed", "malformed database schema", "not a database", "Could not decode to UTF-8")
"""Nothing of ours writes text that is none."""


def translate(error: sqlite3.Error, what: str) -> StorageError:
    """SQLite's own words, sorted by what the store can do about it."""
    words = f"{what}: {error}"
    said = str(error)
    if "disk is full" in said or "disk I/O" in said:
        return DiskFull(words)
    if "locked" in said or "busy" in said:
        return DataBusy(words)
    if any(word in said for word in _DAMAGE):
        return DataDamaged(words)
    return StorageError(words)

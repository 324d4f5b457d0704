"""What the subscribers of one server applied, in a file that outlives them, and what of it is wrong."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pysqlite3

SCHEMA = """\
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS applied (number INTEGER NOT NULL, came_ms REAL NOT NULL);
CREATE TABLE IF NOT EXISTS cursors (log TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""


class Ledger:
    """One process writes; each event is on disk before it is acknowledged."""

    def __init__(self, path: Path) -> None:
        self._db = pysqlite3.connect(str(path), isolation_level=None)
        self._db.executescript(SCHEMA)
        self._db.execute("PRAGMA synchronous = FULL")

    def apply(self, number: int, came_ms: float) -> None:
        self._db.execute("INSERT INTO applied VALUES (?, ?)", (number, came_ms))

    def apply_at(self, log: str, at: str, number: int | None, came_ms: float) -> None:
        """Effect and cursor at once. Without a number it was an event of another kind."""
        self._db.execute("BEGIN IMMEDIATE")
        if number is not None:
            self.apply(number, came_ms)
        self._db.execute("INSERT INTO cursors VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at", (log, at))
        self._db.execute("COMMIT")

    def cursors(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT log, at FROM cursors").fetchall())

    def applied(self) -> list[tuple[int, float]]:
        """Numbers, and when each came by the monotonic clock in milliseconds."""
        rows: list[tuple[int, float]] = self._db.execute("SELECT number, came_ms FROM applied").fetchall()
        return rows

    def close(self) -> None:
        self._db.close()


class Wrong(msgspec.Struct, frozen=True):
    lost: int
    doubled: int


def wrong(taken: Iterable[int], applied: Iterable[int]) -> Wrong:
    """`taken`: what the server said it had."""
    times = Counter(applied)
    return Wrong(sum(times[number] == 0 for number in taken), sum(count - 1 for count in times.values()))

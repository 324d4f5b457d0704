"""One agent per data folder: two would print every slip twice.

The lock is SQLite's own, so it is the same on every system and ends with its process, however that ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.engine import sqlite3
from agent.errors import AgentError

FILE = "agent.lock"


class FolderTaken(AgentError):
    """Another agent works on this data."""


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Raises FolderTaken with the sentence that the person at the keyboard reads."""
    lock = sqlite3.connect(str(folder / FILE), timeout=0.0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise FolderTaken(
            f"another agent is running on {folder}", hint="stop it, or give this one a `data` of its own"
        ) from error
    try:
        yield
    finally:
        lock.close()

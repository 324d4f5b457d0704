"""A data file whose first hundred bytes are damaged is no database to SQLite, though all of its pages may be sound: it
is read from a copy with a header of our own (https://www.sqlite.org/fileformat2.html §1.3)."""

import logging
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agent.engine import sqlite3
from agent.storage.looking_in import connect
from agent.storage.setting_aside import PARTS

log = logging.getLogger(__name__)

LEAST_FILE = 512
"""Bytes: the smallest page that a data file can have."""
_COPY = "reading"
_HEADER = struct.pack(
    ">16sHBBBBBB12I20xII", b"SQLite format 3\0", 4096, 2, 2, 0, 64, 32, 32,
    2, 0, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0, 1, 3_053_000,
)  # fmt: skip
"""Pages of 4096 bytes, WAL, UTF-8. The change counter (2) is not the one that the size is valid for (1): SQLite counts
the pages itself. No free pages to give out."""


@contextmanager
def readable(path: Path) -> Iterator[Path]:
    """The file itself, or the copy for as long as it is read. Without room for a copy: the file, as it is."""
    if _is_database(path):
        yield path
        return
    copy = path.with_name(f"{path.name}.{_COPY}")
    try:
        try:
            _copy(path, copy)
        except OSError as error:
            log.warning("the header of %s is damaged, and there is no room for a copy: %s", path.name, error)
            yield path
            return
        yield copy
    finally:
        forget_copy(path)


def forget_copy(path: Path) -> None:
    for part in PARTS:
        with suppress(OSError):
            path.with_name(f"{path.name}.{_COPY}{part}").unlink(missing_ok=True)


def _is_database(path: Path) -> bool:
    db = connect(path)
    try:
        db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        return "not a database" not in str(error) and "unsupported file format" not in str(error)
    except UnicodeDecodeError as error:
        log.info("the list of tables holds what is no text: %s", error)
    finally:
        db.close()
    return True


def _copy(path: Path, copy: Path) -> None:
    for part in ("", "-wal"):
        source = path.with_name(path.name + part)
        if source.exists():
            shutil.copyfile(source, copy.with_name(copy.name + part))
    with copy.open("rb+") as file:
        file.write(_HEADER)

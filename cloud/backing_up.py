"""Backups of the embedded database: taken while the hub runs, brought back while it stands still (docs/operate.md)."""

import os
import shutil
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from cloud import sqlite
from cloud.config import Settings
from cloud.errors import HubError
from cloud.private_file import settle, sync

PAGES = 4_000
"""Copied in one go; between two of these the hub writes."""
_BESIDE = ("-wal", "-shm")


class BackupRefused(HubError):
    """Nothing was changed."""


def database_file(settings: Settings) -> Path:
    """Raises `BackupRefused` where the data are in PostgreSQL."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupRefused(
            "this hub's data are in PostgreSQL",
            hint="use pg_dump and pg_restore with every hub stopped, then `yaolink-hub restored`",
        )
    return Path(url.database)


def backup(source: Path, target: Path) -> int:
    """One moment of the database, whole or not at all; returns its size. Raises `BackupRefused`."""
    if not source.exists():
        raise BackupRefused(f"there is no database at {source}")
    beside = target.with_name(f"{target.name}.new")
    dbapi = sqlite.module()
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(dbapi.connect(source)) as opened, closing(dbapi.connect(beside)) as copy:
            opened.execute(f"PRAGMA busy_timeout={sqlite.BUSY_TIMEOUT_MS}")
            opened.backup(copy, pages=PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")
        check(beside)
        sync(beside)
        beside.replace(target)
        settle(target.parent)
    except (OSError, dbapi.Error) as error:
        raise BackupRefused(f"{target} was not written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return target.stat().st_size


def check(path: Path) -> None:
    """Raises `BackupRefused` for what is no sound database of a hub."""
    dbapi = sqlite.module()
    try:
        with closing(dbapi.connect(path)) as opened:
            found = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
            opened.execute("SELECT version_num FROM alembic_version")
    except dbapi.Error as error:
        raise BackupRefused(f"{path} is no sound database: {error}") from error
    if found != "ok":
        raise BackupRefused(f"{path} is no sound database: {found}")


def put_in_place(new: Path, database: Path) -> Path | None:
    """The database is `new` from now on, at every moment one or the other; returns where the old one is kept."""
    if new.with_name(f"{new.name}-wal").exists():
        raise BackupRefused(f"{new} is still open in another program")
    aside: Path | None = None
    if database.exists():
        aside = database.with_name(f"{database.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
        shutil.copy2(database, aside)
        sync(aside)
        for ending in _BESIDE:
            beside = database.with_name(f"{database.name}{ending}")
            if beside.exists():
                beside.replace(aside.with_name(f"{aside.name}{ending}"))
        settle(database.parent)  # the new file beside the old one's WAL would be read with it
    new.replace(database)
    settle(database.parent)
    return aside

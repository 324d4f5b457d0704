"""The hub of these tests as they look into it, and as its database is put back from an older copy."""

import shutil
from contextlib import closing
from pathlib import Path

from agent.engine import sqlite3
from agent.line import LineState
from tests.cloud.shell.serving import RunningHub
from tests.identity.computer import Run

DATABASE = "hub.db"


def keys_at(hub: RunningHub) -> list[str]:
    """Of all operations that the hub has, sorted."""
    with closing(sqlite3.connect(f"file:{hub.folder / DATABASE}?mode=ro", uri=True)) as db:
        return [str(key) for (key,) in db.execute("SELECT key FROM operations ORDER BY key")]


def copy_of(hub: RunningHub, to: Path) -> Path:
    """Of its database, while it does not run."""
    hub.stop()
    shutil.copy(hub.folder / DATABASE, to)
    hub.start()
    return to


def put_back(hub: RunningHub, copy: Path) -> None:
    hub.stop()
    for left in hub.folder.glob(f"{DATABASE}*"):
        left.unlink()
    shutil.copy(copy, hub.folder / DATABASE)
    hub.start()


async def paired(run: Run, hub: RunningHub) -> None:
    await run.pairing.pair(hub.url, hub.code())
    await run.becomes(LineState.ONLINE)


async def counted(run: Run, times: int) -> list[str]:
    keys = [await run.count(number) for number in range(times)]
    await run.delivered()
    return keys

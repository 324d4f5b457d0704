"""Fetching a snapshot over a real line that breaks: it goes on where it broke, and what is whole is taken at once."""

import asyncio
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agent.cursors import cursor
from agent.errors import AgentError, DiskFull
from agent.file_logs import FileLog
from agent.files import WorkFile
from agent.hub import Hub
from agent.hub_errors import HubUnreachable
from agent.orders import find
from agent.snapshots import fetching
from agent.snapshots.fetching import FOLDER, SnapshotFolder
from domain.events import OrderPlaced
from domain.protocol import Cursor
from tests.agent.core.hub import LOG, order
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.snapshots.making import header, packed

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLE = packed(header(seq=50), *(OrderPlaced(order(f"o{number}")) for number in range(1, 200)))


@pytest.fixture
def work(tmp_path: Path) -> Iterator[WorkFile]:
    with WorkFile(tmp_path / "work.db", master_key=bytes(32)) as file:
        yield file


@pytest.fixture
def followed(work: WorkFile) -> FileLog:
    return FileLog(LOG, work)


def parts(work: WorkFile) -> list[Path]:
    return list((work.path.parent / FOLDER).iterdir())


async def test_it_is_fetched_loaded_and_gone(hub: FakeHub, client: Hub, work: WorkFile, followed: FileLog) -> None:
    hub.snapshots[LOG] = WHOLE
    assert await followed.replace(client) == Cursor(LOG, "first", 50)
    assert work.read(lambda reading: find(reading, "o199")) is not None
    assert parts(work) == []


async def test_it_goes_on_from_wherever_the_line_broke(hub: FakeHub, client: Hub, followed: FileLog) -> None:
    hub.snapshots[LOG] = WHOLE
    dice = random.Random(11)
    hub.cut_snapshot = lambda left: min(left, dice.choice((1, 2, 100, 300, left // 2)))
    for _ in range(400):
        with suppress(HubUnreachable):
            assert await followed.replace(client) == Cursor(LOG, "first", 50)
            break
    else:
        raise AssertionError("it never came")
    sent = [start for start in hub.snapshot_ranges if start]
    assert len(sent) > 5 and sent == sorted(sent), "never back to the beginning"


async def test_another_one_is_fetched_anew(hub: FakeHub, client: Hub, work: WorkFile, followed: FileLog) -> None:
    hub.snapshots[LOG], hub.cut_snapshot = WHOLE, lambda left: left // 2
    with pytest.raises(HubUnreachable):
        await followed.replace(client)
    hub.snapshots[LOG], hub.cut_snapshot = packed(header(seq=60)), None
    assert await followed.replace(client) == Cursor(LOG, "first", 60)
    assert hub.snapshot_ranges == [0, 0]
    assert parts(work) == []


async def test_a_kill_between_fetching_and_loading_costs_nothing(
    hub: FakeHub, client: Hub, work: WorkFile, followed: FileLog
) -> None:
    hub.snapshots[LOG] = WHOLE
    await SnapshotFolder(work.path.parent / FOLDER).fetch(client, LOG)
    assert work.read(lambda reading: cursor(reading, LOG)).seq == 0
    assert await followed.replace(client) == Cursor(LOG, "first", 50)
    assert hub.snapshot_ranges == [0, len(WHOLE) - 1], "one byte, to hear that it is still the one"


async def test_spoilt_bytes_are_fetched_again(hub: FakeHub, client: Hub, work: WorkFile, followed: FileLog) -> None:
    hub.snapshots[LOG] = WHOLE[:-40] + bytes(40)
    with pytest.raises(AgentError, match="broken|checksum"):
        await followed.replace(client)
    assert work.read(lambda reading: cursor(reading, LOG)).seq == 0
    assert parts(work) == []
    hub.snapshots[LOG] = WHOLE
    assert await followed.replace(client) == Cursor(LOG, "first", 50)


async def test_without_room_nothing_is_fetched(
    hub: FakeHub, client: Hub, work: WorkFile, followed: FileLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.snapshots[LOG] = WHOLE
    free = shutil.disk_usage(work.path.parent).free
    monkeypatch.setattr(fetching, "LEAST_FREE", 2 * free)
    with pytest.raises(DiskFull, match="no room"):
        await followed.replace(client)
    assert parts(work) == []


async def test_the_store_works_on_while_it_comes(hub: FakeHub, client: Hub, work: WorkFile, followed: FileLog) -> None:
    hub.snapshots[LOG] = WHOLE
    replacing = asyncio.create_task(followed.replace(client))
    counts = []
    while not replacing.done():
        await work.awrite(lambda tx: tx.db.execute("INSERT OR REPLACE INTO facts VALUES ('x', '1')"))
        counts.append(await work.aread(lambda reading: reading.db.execute("SELECT count(*) FROM orders").fetchone()[0]))
    assert await replacing == Cursor(LOG, "first", 50)
    assert set(counts) <= {0, 199}, "all of it or nothing of it"

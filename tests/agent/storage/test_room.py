"""A disk that runs full: nothing new is taken, what was begun can be finished, and it goes on by itself."""

import asyncio
import os
from pathlib import Path

import pytest

from agent import outbox
from agent.config import Language
from agent.engine import sqlite3
from agent.errors import DiskFull
from agent.file_logs import FileLog
from agent.files import WorkFile
from agent.health import Health, Seen, remarks
from agent.pages.words import Words
from agent.storage.room import AMPLE, ENOUGH, RESERVE, Room
from domain.events import OrderPlaced
from domain.operations import SaleRecorded
from domain.protocol import Head, Page
from domain.thresholds import DISK_SCARCE
from tests.agent.core.hub import LOG, event, order
from tests.agent.core.test_health import STATE


class Disk:
    free = AMPLE

    def __call__(self, _: Path) -> int:
        return self.free


def page() -> Page:
    return Page(Head(LOG, "first", 1), (event(1, OrderPlaced(order("o1"))),))


def test_new_work_waits_at_the_hub_until_there_is_room(work: WorkFile, tmp_path: Path) -> None:
    disk, log = Disk(), FileLog(LOG, work)
    look = Room(tmp_path, (work,), free=disk, reserve_bytes=1 << 16)

    async def run() -> None:
        look.look()
        assert (tmp_path / RESERVE).stat().st_size == 1 << 16
        disk.free = DISK_SCARCE - 1
        look.look()
        assert look.scarce and not (tmp_path / RESERVE).exists(), "what was held in reserve is given back"
        with pytest.raises(DiskFull):
            await log.apply(page())
        await work.awrite(lambda tx: outbox.put(tx, SaleRecorded("begun", ())))
        disk.free = ENOUGH - 1
        look.look()
        assert look.scarce, "not to and fro at one mark"
        disk.free = ENOUGH
        look.look()
        assert (await log.apply(page())).seq == 1

    asyncio.run(run())


def test_a_disk_that_is_full_keeps_nothing_half_done_and_goes_on_reading(work: WorkFile) -> None:
    """SQLite's own word for a full disk, by the most pages that the file may have."""
    work.write(lambda tx: outbox.put(tx, SaleRecorded("before", ())))
    pages = work.write(lambda tx: tx.db.execute("PRAGMA page_count").fetchone()[0])
    work.write(lambda tx: tx.db.execute(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(DiskFull):
        work.write(lambda tx: tx.db.execute("INSERT INTO goods_files VALUES (1,'','',?,'','',1)", (bytes(100_000),)))
    assert [type(work.trouble), work.read(outbox.depth)] == [DiskFull, 1]
    work.write(lambda tx: tx.db.execute("PRAGMA max_page_count=1000000"))
    work.write(lambda tx: outbox.put(tx, SaleRecorded("after", ())))
    assert [work.trouble, work.read(outbox.depth)] == [None, 2]


def test_people_are_told_that_nothing_new_is_taken() -> None:
    (said,) = [
        remark
        for remark in remarks(Seen(STATE, (), free=DISK_SCARCE, scarce=True), Words(Language.CHINESE))
        if "磁盘" in remark.sentence
    ]
    assert said.health is Health.DOWN and "暂停接收新订单" in said.sentence


def test_no_reserve_can_be_put_by(work: WorkFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_: int) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "urandom", no_room)
    Room(tmp_path, (work,), free=Disk(), reserve_bytes=1 << 16).look()
    assert not (tmp_path / RESERVE).exists()


def test_sqlite_reports_a_file_that_cannot_grow() -> None:
    """The error that the tests above rely on."""
    db = sqlite3.connect(":memory:")
    db.execute("PRAGMA max_page_count=2")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        db.execute("CREATE TABLE a (b)")
        db.execute("CREATE TABLE c (d)")
    db.close()

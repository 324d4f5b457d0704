"""Scanners follow the settings while the agent runs; bytes of two never mix."""

import asyncio
import queue
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from agent.config import ScannerSettings, Settings
from agent.files import CacheFile, WorkFile
from agent.scanners import known, sheet, worker
from agent.scanners.scanner_set import ScannerSet
from agent.scanners.worker import Hearing
from agent.verdicts import Told
from drivers.errors import ScannerGone
from drivers.scanners.base import Use
from drivers.scanners.serial import SerialLine
from drivers.scanners.trouble import Trouble
from drivers.virtual.scanner import VirtualScanner
from tests.drivers.scanners.plugged import listed
from tests.waiting import until


@pytest.fixture
def guns() -> Iterator[tuple[VirtualScanner, VirtualScanner]]:
    with ExitStack() as stack:
        yield stack.enter_context(VirtualScanner()), stack.enter_context(VirtualScanner())


class Ears:
    def __init__(self) -> None:
        self.heard: queue.Queue[Told] = queue.Queue()
        self.hearing = Hearing(self.heard.put, on_view=lambda view: None, elsewhere=lambda scan: False)

    async def device(self) -> str:
        return (await asyncio.to_thread(self.heard.get, timeout=30)).device


async def ready(scanners: ScannerSet) -> None:
    await asyncio.to_thread(until, lambda: all(view.state == "ready" for view in scanners.views))


async def troubled(scanners: ScannerSet, trouble: Trouble) -> None:
    await asyncio.to_thread(until, lambda: scanners.views[0].trouble is trouble)


async def test_one_is_taken_and_left_while_the_other_reads_on(
    guns: tuple[VirtualScanner, VirtualScanner], work: WorkFile, cache: CacheFile
) -> None:
    first, second = guns
    one, other = ScannerSettings(first.path, name="柜台"), ScannerSettings(second.path)
    ears = Ears()
    scanners = ScannerSet((one,), work, cache, ears.hearing)
    await scanners.start()
    try:
        await ready(scanners)
        threads = [id(each) for each in scanners]
        scanners.follow(Settings(scanners=(one, other)))
        await scanners.settled()
        await ready(scanners)
        assert [id(each) for each in scanners][:1] == threads and len(scanners.views) == 2
        assert [view.name for view in scanners.views] == ["柜台", second.path]
        first.scan("81234560000000000001")
        assert await ears.device() == first.path
        second.scan("81234560000000000002")
        assert await ears.device() == second.path
        scanners.follow(Settings(scanners=(ScannerSettings(first.path, use=Use.SHARED), other)))
        await scanners.settled()
        assert [view.station for view in scanners.views] == [second.path]
        SerialLine(first.path).close()  # it is free for other programs
        with pytest.raises(ScannerGone):
            SerialLine(second.path)
    finally:
        await scanners.stop()
    assert ears.heard.empty()


async def test_the_speed_of_a_line_is_known_at_the_next_start(
    work: WorkFile, cache: CacheFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time it costs a scan, never again."""
    with VirtualScanner(speed=115200) as gun:
        monkeypatch.setattr(worker, "place", lambda kind, path, identity: lambda: listed(gun, line=True)[0])
        ears = Ears()
        for wrong in (1, 0):
            scanners = ScannerSet((ScannerSettings(identity="usb:0c2e:0b6a"),), work, cache, ears.hearing)
            await scanners.start()
            await ready(scanners)
            for _ in range(wrong):
                gun.scan("81234560000000000001")
                await troubled(scanners, Trouble.SPEED)
            gun.scan("81234560000000000001")
            assert await ears.device() == "usb:0c2e:0b6a"
            await scanners.stop()
            assert work.read(known.speeds) == {"usb:0c2e:0b6a": 115200}


async def test_a_scan_that_cannot_be_judged_is_heard_all_the_same(
    guns: tuple[VirtualScanner, VirtualScanner], work: WorkFile, cache: CacheFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence would read as a pack that counts."""

    def broken(*_: object, **__: object) -> None:
        raise AssertionError("a fault of ours")

    monkeypatch.setattr(sheet, "scan", broken)
    gun, _ = guns
    ears = Ears()
    scanners = ScannerSet((ScannerSettings(gun.path),), work, cache, ears.hearing)
    await scanners.start()
    try:
        await ready(scanners)
        gun.scan("81234560000000000001")
        told = await asyncio.to_thread(ears.heard.get, timeout=30)
    finally:
        await scanners.stop()
    assert (told.good, told.rule) == (False, "not-kept")

"""A scanner on a pty: its verdict is on the disk before anybody hears it, and unplugging is survived."""

import queue
from collections.abc import Iterator

import pytest

from agent import picks
from agent.config import ScannerSettings
from agent.files import CacheFile, WorkFile
from agent.scanners.worker import Hearing, ScannerWorker
from agent.transactions import Reading
from agent.verdicts import Told
from domain.events import OrderPlaced
from domain.rules import Rule
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import Hub, line, order
from tests.waiting import until


class Listener:
    """Asks the file, at the moment of the beep, whether the scan is there."""

    def __init__(self, work: WorkFile) -> None:
        self._work = work
        self._sounded = 0
        self.heard: queue.Queue[tuple[Told, int]] = queue.Queue()

    def __call__(self, told: Told) -> None:
        self.heard.put((told, 0 if told.rule == "not-kept" else self._work.read(_kept)))

    def next(self) -> Told:
        told, kept = self.heard.get(timeout=30)
        self._sounded += 1
        assert kept >= self._sounded
        return told


def _kept(reading: Reading) -> int:
    return int(reading.db.execute("SELECT count(*) FROM scans").fetchone()[0])


@pytest.fixture
def gun() -> Iterator[VirtualScanner]:
    with VirtualScanner() as gun:
        yield gun


@pytest.fixture
def listener(work: WorkFile) -> Listener:
    return Listener(work)


@pytest.fixture
def scanner(gun: VirtualScanner, work: WorkFile, cache: CacheFile, listener: Listener) -> Iterator[ScannerWorker]:
    hearing = Hearing(listener, on_view=lambda view: None, elsewhere=lambda scan: False)
    scanner = ScannerWorker(ScannerSettings(gun.path), work, cache, hearing)
    scanner.start()
    until(lambda: scanner.view.state == "ready")
    yield scanner
    scanner.stop()


def test_picked_by_scanning(
    hub: Hub, work: WorkFile, gun: VirtualScanner, scanner: ScannerWorker, listener: Listener
) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=2))))
    gun.scan("YO000000000001")
    assert listener.next().good
    gun.scan("81234560000000000001")
    gun.scan("81234560000000000001", ending="\r\n")
    assert [listener.next().rule for _ in range(2)] == [Rule.TAKEN, Rule.TWICE_HERE]
    assert len(work.read(lambda reading: picks.load(reading, "o1")).bindings) == 1


def test_unplugged_and_back(gun: VirtualScanner, scanner: ScannerWorker, listener: Listener) -> None:
    gun.unplug()
    until(lambda: scanner.view.state == "blocked")
    gun.replug()
    until(lambda: scanner.view.state == "ready")
    gun.scan("81234560000000000001")
    assert listener.next().rule is Rule.NOT_PICKING


def test_a_scan_that_cannot_be_kept_is_said_so(
    work: WorkFile, gun: VirtualScanner, scanner: ScannerWorker, listener: Listener
) -> None:
    work.close()
    gun.scan("81234560000000000001")
    told, _ = listener.heard.get(timeout=30)
    assert (told.good, told.rule) == (False, "not-kept")
    assert listener.heard.empty()

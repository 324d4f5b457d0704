"""A scanner on a pty: its verdict is on the disk before anybody hears it, and unplugging is survived."""

import queue
from collections.abc import Iterator

import pytest

from agent import picks
from agent.errors import AgentError, FileClosed
from agent.files import CacheFile, WorkFile
from agent.judging import Scanned
from agent.scanning import ScannerWorker
from domain.events import OrderPlaced
from domain.rules import Rule
from drivers.virtual.scanner import VirtualScanner
from tests.agent.core.hub import Hub, line, order
from tests.agent.core.test_printing import until


class Listener:
    """Asks the file, at the moment of the beep, whether the scan is there."""

    def __init__(self, work: WorkFile) -> None:
        self._work = work
        self.heard: queue.Queue[tuple[Scanned, bool]] = queue.Queue()
        self.failed: queue.Queue[AgentError] = queue.Queue()

    def __call__(self, scanned: Scanned) -> None:
        rows = self._work.read(
            lambda reading: reading.db.execute(
                "SELECT 1 FROM scans WHERE scan_id = ? AND rule = ?", (scanned.scan_id, scanned.verdict.rule)
            ).fetchall()
        )
        self.heard.put((scanned, bool(rows)))

    def next(self) -> Scanned:
        scanned, kept = self.heard.get(timeout=5)
        assert kept
        return scanned


@pytest.fixture
def gun() -> Iterator[VirtualScanner]:
    with VirtualScanner() as gun:
        yield gun


@pytest.fixture
def listener(work: WorkFile) -> Listener:
    return Listener(work)


@pytest.fixture
def scanner(gun: VirtualScanner, work: WorkFile, cache: CacheFile, listener: Listener) -> Iterator[ScannerWorker]:
    scanner = ScannerWorker(gun.path, work, cache, listener, on_failed=listener.failed.put)
    scanner.start()
    until(lambda: scanner.view.state == "ready")
    yield scanner
    scanner.stop()


def test_picked_by_scanning(
    hub: Hub, work: WorkFile, gun: VirtualScanner, scanner: ScannerWorker, listener: Listener
) -> None:
    hub.tell(OrderPlaced(order("o1", line(count=2))))
    gun.scan("YO000000000001")
    assert listener.next().verdict.good
    gun.scan("81234560000000000001")
    gun.scan("81234560000000000001", ending="\r\n")
    assert [listener.next().verdict.rule for _ in range(2)] == [Rule.TAKEN, Rule.TWICE_HERE]
    assert len(work.read(lambda reading: picks.load(reading, "o1")).bindings) == 1


def test_unplugged_and_back(gun: VirtualScanner, scanner: ScannerWorker, listener: Listener) -> None:
    gun.unplug()
    until(lambda: scanner.view.state == "blocked")
    gun.replug()
    until(lambda: scanner.view.state == "ready")
    gun.scan("81234560000000000001")
    assert listener.next().verdict.rule is Rule.NOT_PICKING


def test_a_scan_that_cannot_be_kept_is_said_so(
    work: WorkFile, gun: VirtualScanner, scanner: ScannerWorker, listener: Listener
) -> None:
    work.close()
    gun.scan("81234560000000000001")
    assert isinstance(listener.failed.get(timeout=5), FileClosed)
    assert listener.heard.empty()

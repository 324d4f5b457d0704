import queue
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.scanners.base import Scan, ScannerState
from drivers.scanners.serial import SerialScanner
from drivers.virtual.scanner import VirtualScanner

TRACE_CODE = "81234567890123456789"


class Reader:
    """An agent's end: what its callbacks heard."""

    def __init__(self, path: str) -> None:
        self.scans: queue.Queue[Scan] = queue.Queue()
        self.states: queue.Queue[ScannerState] = queue.Queue()
        self.scanner = SerialScanner(path, self.scans.put, self.states.put)
        self.scanner.start()

    def next_scan(self, timeout: float = 3) -> bytes:
        return self.scans.get(timeout=timeout).raw


@pytest.fixture
def device() -> Iterator[VirtualScanner]:
    with VirtualScanner() as device:
        yield device


@pytest.fixture
def reader(device: VirtualScanner) -> Iterator[Reader]:
    reader = Reader(device.path)
    assert reader.states.get(timeout=3).connected
    yield reader
    reader.scanner.stop()
    assert reader.scans.empty()


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\t"])
def test_a_scan_arrives_whole(device: VirtualScanner, reader: Reader, ending: str) -> None:
    before = time.time()
    device.scan(TRACE_CODE, ending)
    scan = reader.scans.get(timeout=3)
    assert (scan.raw, scan.device) == (TRACE_CODE.encode(), device.path)
    assert before - 0.01 <= scan.at <= time.time()


def test_every_split_point_over_a_real_line(device: VirtualScanner, reader: Reader) -> None:
    message = TRACE_CODE.encode() + b"\r\n"
    for cut in range(1, len(message)):
        device.write(message[:cut])
        time.sleep(0.005)
        device.write(message[cut:])
    assert [reader.next_scan() for _ in range(1, len(message))] == [TRACE_CODE.encode()] * (len(message) - 1)


def test_a_burst_loses_nothing(device: VirtualScanner, reader: Reader) -> None:
    codes = [f"8{random.randrange(10**19):019d}" for _ in range(300)]
    for code in codes:
        device.scan(code)
    assert [reader.next_scan().decode() for _ in codes] == codes


def test_without_ending_the_silence_ends_it(device: VirtualScanner, reader: Reader) -> None:
    device.scan(TRACE_CODE, "")
    assert reader.next_scan() == TRACE_CODE.encode()


def test_gs_and_all_other_bytes_pass_unchanged(device: VirtualScanner, reader: Reader) -> None:
    raw = bytes(byte for byte in range(256) if byte not in b"\r\n\t")
    device.write(raw + b"\r")
    assert reader.next_scan() == raw


def test_unplugged_is_told_and_back_within_three_seconds(device: VirtualScanner, reader: Reader) -> None:
    device.write(b"81234")
    time.sleep(0.03)
    device.unplug()
    gone = reader.states.get(timeout=3)
    assert not gone.connected
    assert gone.problem
    device.scan("LOST")
    device.replug()
    assert reader.states.get(timeout=3).connected
    device.scan(TRACE_CODE)
    assert reader.next_scan() == TRACE_CODE.encode()


def test_a_scanner_not_there_at_start_is_taken_up_later(tmp_path: Path) -> None:
    path = tmp_path / "scanner"
    reader = Reader(str(path))
    try:
        state = reader.states.get(timeout=3)
        assert not state.connected
        with VirtualScanner() as device:
            path.symlink_to(device.path)
            assert reader.states.get(timeout=3).connected
            device.scan(TRACE_CODE)
            assert reader.next_scan() == TRACE_CODE.encode()
            reader.scanner.stop()
    finally:
        reader.scanner.stop()


def test_an_error_of_the_listener_loses_only_its_own_scan(
    device: VirtualScanner, caplog: pytest.LogCaptureFixture
) -> None:
    heard: queue.Queue[bytes] = queue.Queue()

    def fail_once(scan: Scan) -> None:
        heard.put(scan.raw)
        if scan.raw == b"first":
            raise OSError("disk full")

    states: queue.Queue[ScannerState] = queue.Queue()
    scanner = SerialScanner(device.path, fail_once, states.put)
    scanner.start()
    assert states.get(timeout=3).connected
    device.scan("first")
    device.scan("second")
    assert [heard.get(timeout=3), heard.get(timeout=3)] == [b"first", b"second"]
    scanner.stop()
    assert states.empty()
    assert "disk full" in caplog.text


def test_a_scanner_never_started_can_be_stopped(device: VirtualScanner) -> None:
    SerialScanner(device.path, print, print).stop()

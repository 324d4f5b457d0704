import os
import queue
import random
import termios
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from drivers.errors import ScannerGone
from drivers.scanners.attached import Device
from drivers.scanners.base import Scan, ScannerState
from drivers.scanners.ports import at_path, with_identity
from drivers.scanners.serial import SerialLine, SerialScanner
from drivers.scanners.speeds import SPEEDS
from drivers.scanners.trouble import Trouble
from drivers.virtual.scanner import VirtualScanner
from tests.drivers.scanners.plugged import listed
from tests.waiting import until

TRACE_CODE = "81234567890123456789"


class Reader:
    """An agent's end: what its callbacks heard."""

    def __init__(
        self,
        path: str,
        place: Callable[[], Device] | None = None,
        *,
        speed: int | None = None,
        known: int | None = None,
    ) -> None:
        self.scans: queue.Queue[Scan] = queue.Queue()
        self.states: queue.Queue[ScannerState] = queue.Queue()
        self.scanner = SerialScanner(
            path, place or partial(at_path, path), self.scans.put, self.states.put, speed=speed, known_speed=known
        )
        self.scanner.start()

    def next_state(self) -> ScannerState:
        return self.states.get(timeout=30)

    def next_scan(self, timeout: float = 30) -> bytes:
        return self.scans.get(timeout=timeout).raw


@pytest.fixture
def device() -> Iterator[VirtualScanner]:
    with VirtualScanner() as device:
        yield device


@pytest.fixture
def reader(device: VirtualScanner) -> Iterator[Reader]:
    reader = Reader(device.path)
    assert reader.states.get(timeout=30).connected
    yield reader
    reader.scanner.stop()
    assert reader.scans.empty()


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\t"])
def test_a_scan_arrives_whole(device: VirtualScanner, reader: Reader, ending: str) -> None:
    before = time.time()
    device.scan(TRACE_CODE, ending)
    scan = reader.scans.get(timeout=30)
    assert (scan.raw, scan.device) == (TRACE_CODE.encode(), device.path)
    assert before - 0.01 <= scan.at <= time.time()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine that writes a scan in pieces may be silent between them."""
    monkeypatch.setattr("drivers.scanners.serial.IDLE_S", 2.0)


def test_every_split_point_over_a_real_line(unhurried: None, device: VirtualScanner, reader: Reader) -> None:
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
    gone = reader.states.get(timeout=30)
    assert not gone.connected
    assert gone.problem
    device.scan("LOST")
    device.replug()
    assert reader.states.get(timeout=30).connected
    device.scan(TRACE_CODE)
    assert reader.next_scan() == TRACE_CODE.encode()


def test_a_scanner_not_there_at_start_is_taken_up_later(tmp_path: Path) -> None:
    path = tmp_path / "scanner"
    reader = Reader(str(path))
    try:
        state = reader.states.get(timeout=30)
        assert not state.connected
        with VirtualScanner() as device:
            path.symlink_to(device.path)
            assert reader.states.get(timeout=30).connected
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
    scanner = SerialScanner(device.path, partial(at_path, device.path), fail_once, states.put)
    scanner.start()
    assert states.get(timeout=30).connected
    device.scan("first")
    device.scan("second")
    assert [heard.get(timeout=30), heard.get(timeout=30)] == [b"first", b"second"]
    scanner.stop()
    assert states.empty()
    assert "disk full" in caplog.text


def test_a_scanner_never_started_can_be_stopped(device: VirtualScanner) -> None:
    SerialScanner(device.path, partial(at_path, device.path), print, print).stop()


def test_two_programs_never_share_its_bytes(device: VirtualScanner, reader: Reader) -> None:
    with pytest.raises(ScannerGone) as refused:
        SerialLine(device.path)
    assert refused.value.trouble is Trouble.TAKEN


def test_held_by_another_program_is_said_and_taken_up_once_that_lets_go(device: VirtualScanner) -> None:
    other = SerialLine(device.path)
    reader = Reader(device.path)
    try:
        state = reader.next_state()
        assert not state.connected and state.trouble is Trouble.TAKEN
        other.close()
        assert reader.next_state().connected
        device.scan(TRACE_CODE)
        assert reader.next_scan() == TRACE_CODE.encode()
    finally:
        reader.scanner.stop()


def test_known_again_under_another_number() -> None:
    """ttyACM0 becomes ttyACM1, COM4 becomes COM7; a scan cut off before is gone."""
    with VirtualScanner() as device:
        name = "usb:0c2e:0b6a:18123B0E4F"
        reader = Reader(name, lambda: with_identity(name, partial(listed, device, serial="18123B0E4F")))
        try:
            assert reader.next_state().path == device.path
            device.write(b"8123")
            device.unplug()
            assert reader.next_state().trouble is Trouble.MISSING
            device.replug(number=7)
            state = reader.next_state()
            assert state.connected and state.path == device.path and state.path.endswith("7")
            device.scan(TRACE_CODE)
            scan = reader.scans.get(timeout=30)
            assert (scan.raw, scan.device) == (TRACE_CODE.encode(), name)
        finally:
            reader.scanner.stop()


def test_bytes_of_two_alike_never_mix(unhurried: None) -> None:
    """Two of one kind without serial numbers, told apart by their plugs, writing byte by byte in turn."""
    with VirtualScanner() as left, VirtualScanner() as right:

        def devices() -> list[Device]:
            return [*listed(left, plug="1-1.1"), *listed(right, plug="1-1.2")]

        readers = [
            Reader(name, partial(with_identity, name, devices))
            for name in ("usb:0c2e:0b6a@1-1.1", "usb:0c2e:0b6a@1-1.2")
        ]
        try:
            assert [reader.next_state().path for reader in readers] == [left.path, right.path]
            for one, other in zip(b"81111111111111111111\r", b"82222222222222222222\r", strict=True):
                left.write(bytes([one]))
                right.write(bytes([other]))
            assert readers[0].next_scan() == b"81111111111111111111"
            assert readers[1].next_scan() == b"82222222222222222222"
        finally:
            for reader in readers:
                reader.scanner.stop()


def _reads_at(device: VirtualScanner, speed: int) -> bool:
    line = os.open(device.path, os.O_RDWR | os.O_NOCTTY)
    try:
        return bool(termios.tcgetattr(line)[5] == getattr(termios, f"B{speed}"))
    finally:
        os.close(line)


@pytest.mark.parametrize("speed", [SPEEDS[0], SPEEDS[1], SPEEDS[4]])
def test_the_speed_of_a_line_is_found(speed: int) -> None:
    """What is read at a wrong speed is noise; no noise becomes a scan, and from the first one read on none is lost."""
    with VirtualScanner(speed=speed) as device:
        reader = Reader("it", lambda: listed(device, line=True)[0])
        try:
            assert reader.next_state().connected
            wrong = SPEEDS.index(speed)
            for tries in range(wrong + 1):
                device.scan(TRACE_CODE)
                if tries < wrong:
                    assert tries > 0 or reader.next_state().trouble is Trouble.SPEED
                    until(partial(_reads_at, device, SPEEDS[tries + 1]))
            assert reader.next_scan() == TRACE_CODE.encode()
            state = reader.next_state()
            assert (state.trouble, state.speed) == (None, speed)
            for number in range(20):
                device.scan(f"{TRACE_CODE[:-2]}{number:02d}")
            assert [reader.next_scan()[-2:] for _ in range(20)] == [b"%02d" % number for number in range(20)]
        finally:
            reader.scanner.stop()
        assert reader.scans.empty()


def test_a_speed_that_worked_before_loses_no_scan() -> None:
    with VirtualScanner(speed=38400) as device:
        reader = Reader("it", lambda: listed(device, line=True)[0], known=38400)
        try:
            assert reader.next_state().speed == 38400
            device.scan(TRACE_CODE)
            assert reader.next_scan() == TRACE_CODE.encode()
        finally:
            reader.scanner.stop()


def test_a_set_speed_is_never_changed() -> None:
    with VirtualScanner(speed=9600) as device:
        reader = Reader("it", lambda: listed(device, line=True)[0], speed=115200)
        try:
            assert reader.next_state().speed == 115200
            device.scan(TRACE_CODE)
            assert reader.next_scan() != TRACE_CODE.encode()
        finally:
            reader.scanner.stop()

"""The serial wire against pseudo-terminals and pyserial's own loop."""

import os
import threading
import time
from collections.abc import Iterator

import pytest
import serial

from drivers.errors import BadAddress, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.status import Blocked
from drivers.printers.transports import serial as transport
from drivers.printers.transports.serial import Flow, SerialWire, open_serial


class Line:
    """A pty: `far` is the printer's end."""

    def __init__(self) -> None:
        self.far, self._near = os.openpty()
        self.path = os.ttyname(self._near)

    def cut(self) -> None:
        for end in (self.far, self._near):
            os.close(end)
        self.far = self._near = -1

    def close(self) -> None:
        if self.far >= 0:
            self.cut()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture
def wire(line: Line) -> Iterator[SerialWire]:
    wire = open_serial(line.path, 9600, Flow.NONE)
    yield wire
    wire.close()


def test_bytes_go_both_ways_untouched(line: Line, wire: SerialWire) -> None:
    every = bytes(range(256))
    wire.write(every)
    came = b""
    while len(came) < len(every):  # a line hands over what it has so far
        came += os.read(line.far, 1024)
    assert came == every
    os.write(line.far, b"\x12\r\n\x11\x03")
    time.sleep(0.05)
    assert wire.read(1) == b"\x12\r\n\x11\x03"


def test_silence_takes_its_time(wire: SerialWire) -> None:
    started = time.monotonic()
    assert wire.read(0.2) == b""
    assert time.monotonic() - started > 0.15


def test_it_can_be_waited_for(line: Line, wire: SerialWire) -> None:
    node = wire.fileno()
    assert node is not None
    assert os.ttyname(node) == line.path


def test_a_pulled_cable_is_an_oserror_both_ways(line: Line, wire: SerialWire) -> None:
    line.cut()
    with pytest.raises(OSError):
        wire.read(1)
    with pytest.raises(OSError):
        wire.write(b"slip")


def test_a_second_program_is_kept_out(line: Line, wire: SerialWire) -> None:
    with pytest.raises(PrinterUnreachable) as refused:
        open_printer(f"serial://{line.path}").connect()
    assert refused.value.reason is Blocked.busy


def test_a_com_port_in_use_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """In pyserial's words on Windows."""

    def refuse(*_: object, **__: object) -> None:
        raise serial.SerialException("could not open port 'COM3': PermissionError(13, '拒绝访问。', None, 5)")

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(PrinterUnreachable) as refused:
        open_printer("serial://COM3").connect()
    assert refused.value.reason is Blocked.busy


def test_a_long_slip_takes_as_long_as_the_printer_needs(line: Line, wire: SerialWire) -> None:
    """The write timeout counts from piece to piece. (A pseudo-terminal has room again only when it is empty.)"""
    slip, taken = os.urandom(60_000), bytearray()

    def take_slowly() -> None:
        while len(taken) < len(slip):
            taken.extend(os.read(line.far, 1500))
            time.sleep(0.1)

    wire._line.write_timeout = 3.0
    reader = threading.Thread(target=take_slowly)
    reader.start()
    wire.write(slip)
    reader.join()
    assert bytes(taken) == slip


def test_a_printer_that_takes_nothing_is_given_up(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_STALL_S", 0.2)
    wire = open_serial(line.path, 9600, Flow.NONE)
    with pytest.raises(OSError):
        wire.write(bytes(100_000))
    os.close(line.far)  # else closing would wait for what is still on its way
    line.far = os.dup(line._near)
    wire.close()


def test_xoff_holds_the_slip_until_xon(line: Line) -> None:
    wire = open_serial(line.path, 9600, Flow.XONXOFF)
    os.write(line.far, b"\x13")
    time.sleep(0.1)
    writing = threading.Thread(target=wire.write, args=(b"slip",))
    writing.start()
    os.set_blocking(line.far, False)
    time.sleep(0.1)
    with pytest.raises(BlockingIOError):
        os.read(line.far, 100)
    os.write(line.far, b"\x11")
    writing.join(30)
    os.set_blocking(line.far, True)
    assert os.read(line.far, 100) == b"slip"
    wire.close()


def test_a_low_dtr_of_the_printer_holds_the_slip() -> None:
    """pyserial's loop brings our own DTR back as DSR."""
    wire = open_serial("loop://", 115200, Flow.DTR)
    port = wire._line
    port.dtr = False
    writing = threading.Thread(target=wire.write, args=(b"slip",))
    writing.start()
    time.sleep(0.1)
    assert port.in_waiting == 0
    port.dtr = True
    writing.join(30)
    assert wire.read(1) == b"slip"
    wire.close()


def test_a_dtr_that_stays_low_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_STALL_S", 0.1)
    wire = open_serial("loop://", 115200, Flow.DTR)
    wire._line.dtr = False
    with pytest.raises(TimeoutError, match="DTR"):
        wire.write(b"slip")
    wire.close()


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("serial:///dev/ttyUSB0", "serial:///dev/ttyUSB0?baud=9600"),
        ("serial:///dev/serial/by-id/usb-1a86_USB-if00?flow=dtr", "serial:///dev/serial/by-id/usb-1a86_USB-if00?baud=9600&flow=dtr"),
        ("serial://COM3?baud=19200", "serial://COM3?baud=19200"),
    ],
)  # fmt: skip
def test_an_address_says_port_speed_and_flow(address: str, whole: str) -> None:
    assert open_printer(address).address == whole


@pytest.mark.parametrize(
    "address", ["serial://", "serial://ttyUSB0", "serial://COM3?baud=fast", "serial://COM3?baud=9601",
                "serial://COM3?flow=some", "serial://COM3?parity=even", "serial://COM3?baud", "serial://loop://"]
)  # fmt: skip
def test_a_bad_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        open_printer(address)


def test_a_missing_port_proves_that_nothing_was_sent() -> None:
    with pytest.raises(PrinterUnreachable, match="/dev/ttyUSB99"):
        open_printer("serial:///dev/ttyUSB99").connect()

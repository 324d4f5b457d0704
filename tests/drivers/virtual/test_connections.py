"""Speed, buffer, one connection only, deafness, and the serial line."""

import socket
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.serial_door import SerialDoor
from tests.drivers.virtual.client import CUT, IN_TURN, LINE, SLIP, connect, connect_soon, read, silent, status
from tests.waiting import until


def test_paper_takes_its_time() -> None:
    with VirtualPrinter(speed=100) as printer, connect(printer) as link:
        began = time.monotonic()
        link.sendall(8 * LINE + CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
        took = time.monotonic() - began
    assert took >= 0.29, "30 mm at 100 mm/s"


def test_questions_are_answered_while_it_prints() -> None:
    with VirtualPrinter(speed=0.5) as printer, connect(printer) as link:
        link.sendall(8 * LINE + CUT)  # 30 mm: a minute
        assert status(link) == "12 12 12 12"
        assert printer.slips == []


def test_a_full_buffer_is_not_read_on() -> None:
    """Nor are real-time questions behind it, on a network (facts/devices.md §3.2)."""
    with VirtualPrinter(buffer=64) as printer:
        printer.fault("paper_out")
        with connect(printer) as link:
            link.sendall(20 * LINE + CUT + IN_TURN + b"\x10\x04\x01")
            assert silent(link)
            printer.fault(None)
            assert sorted(read(link, 2)) == [0x00, 0x12]
        assert printer.slips[0].lines == ["0123456789"] * 20


def test_a_picture_larger_than_the_buffer_prints() -> None:
    with VirtualPrinter(buffer=64) as printer, connect(printer) as link:
        link.sendall(b"\x1dv0\x00\x10\x00\x20\x00" + bytes(512) + CUT + IN_TURN)
        assert read(link, 1) == b"\x00"
        assert len(printer.slips[0].pictures) == 1


def test_a_second_client_is_refused() -> None:
    with VirtualPrinter(others="refused") as printer:
        for _ in range(3):
            with connect_soon(printer) as link:
                assert status(link) == "12 12 12 12"
                with pytest.raises(ConnectionRefusedError):
                    connect(printer)


def can_connect(printer: VirtualPrinter) -> bool:
    try:
        with connect(printer) as link:
            return status(link) == "12 12 12 12"
    except OSError:
        return False


def test_a_second_client_is_left_mute_until_the_first_has_gone() -> None:
    with VirtualPrinter(others="left_mute") as printer, connect(printer) as first:
        assert status(first) == "12 12 12 12"
        with connect(printer) as second:
            second.sendall(b"\x10\x04\x01")
            assert silent(second)
            first.close()
            assert read(second, 1) == b"\x12"


def test_deaf_while_the_cover_is_open() -> None:
    with VirtualPrinter(deaf_when_open=True) as printer, connect(printer) as link:
        printer.fault("cover_open")
        until(lambda: printer.ails == "cover_open")
        link.sendall(b"\x10\x04\x01")
        assert silent(link)
        printer.fault("paper_out")
        assert read(link, 1) == b"\x1a"


def test_the_port_is_kept_while_nobody_is_let_in(printer: VirtualPrinter) -> None:
    printer.fault("power_loss")
    until(lambda: printer.ails == "power_loss")
    with socket.socket() as other, pytest.raises(OSError):
        until(lambda: not can_connect(printer))
        other.bind((printer.host, printer.port))
        other.listen()
    printer.fault(None)
    until(lambda: can_connect(printer))


@pytest.fixture
def plugged() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(door=SerialDoor()) as printer:
        yield printer


def path_of(printer: VirtualPrinter) -> str:
    return printer.address.removeprefix("serial://")


def test_on_a_serial_line(plugged: VirtualPrinter) -> None:
    assert plugged.address.startswith("serial:///")
    with serial.Serial(path_of(plugged), timeout=30) as port:
        port.write(b"\x10\x04\x01")
        assert port.read(1) == b"\x12"
        port.write(SLIP + IN_TURN)
        assert port.read(1) == b"\x00"
        plugged.fault("paper_out")
        until(lambda: plugged.ails == "paper_out")
        port.write(b"\x10\x04\x04")
        assert port.read(1) == b"\x7e"
    assert len(plugged.slips) == 1


def test_a_serial_line_pulled_and_put_back(plugged: VirtualPrinter) -> None:
    with serial.Serial(path_of(plugged), timeout=30) as port:
        plugged.drop_connections()
        with pytest.raises((OSError, serial.SerialException, termios.error)):
            for _ in range(100):
                port.write(b"\x10\x04\x01")
                port.read(1)
    until(lambda: Path(path_of(plugged)).exists())
    with serial.Serial(path_of(plugged), timeout=30) as port:
        port.write(b"\x10\x04\x01")
        assert port.read(1) == b"\x12"


def test_nothing_is_left_of_a_serial_line() -> None:
    with VirtualPrinter(door=SerialDoor()) as printer:
        path = Path(path_of(printer))
        assert path.exists()
    assert not path.is_symlink()
    assert not path.parent.exists()


def test_no_order_is_overheard() -> None:
    """One given while the printer attends to a client that came together with an earlier order."""
    reached, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def hesitate(_: float) -> None:
        reached.release()
        go_on.acquire()

    with VirtualPrinter(on_bytes=hesitate) as printer, connect(printer) as first, connect(printer) as second:
        assert status(second) == status(first)
        first.sendall(b"x")
        reached.acquire()
        second.sendall(b"x")
        printer.fault("offline")
        go_on.release()
        reached.acquire()
        printer.fault(None)
        go_on.release()
        until(lambda: printer.ails is None)
        assert len(printer.history) == 2

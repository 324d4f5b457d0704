"""Device nodes: a pty stands for usblp (both ways), a named pipe and a file for what cannot be read."""

import os
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.errors import BadAddress, ConnectionLost, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence, Job
from drivers.printers.status import PrinterStatus
from drivers.printers.transports import node_linux
from drivers.printers.transports.node_linux import open_node
from drivers.printers.transports.one_way import OneWay
from drivers.printers.wire import Wire

SLIP = b"\x1b@slip\n"


@pytest.fixture
def device() -> Iterator[tuple[int, str]]:
    """The printer's end, and the path of ours."""
    far, near = os.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def test_a_device_is_written_and_read(device: tuple[int, str]) -> None:
    far, path = device
    wire = device_wire(path)
    wire.write(SLIP)
    assert os.read(far, 100) == SLIP
    os.write(far, b"\x12")
    assert wire.read(1) == b"\x12"
    assert wire.read(0.05) == b""
    assert wire.fileno() is not None
    wire.close()


def test_an_unplugged_device_is_an_oserror_both_ways() -> None:
    far, near = os.openpty()
    wire = device_wire(os.ttyname(near))
    os.close(near)
    os.close(far)
    with pytest.raises(OSError, match="gone"):
        wire.read(1)
    with pytest.raises(OSError, match="gone"):
        wire.write(SLIP)
    wire.close()


def test_a_printer_that_takes_nothing_is_given_up(device: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_linux, "_STALL_S", 0.1)
    wire = device_wire(device[1])
    with pytest.raises(TimeoutError):
        wire.write(bytes(100_000))
    wire.close()


def test_a_pipe_takes_what_its_reader_takes(pipe: Path) -> None:
    slip, taken = SLIP + os.urandom(200_000), bytearray()

    def take() -> None:
        with pipe.open("rb", buffering=0) as reader:
            while data := reader.read(3000):
                taken.extend(data)
                time.sleep(0.001)

    reading = threading.Thread(target=take)
    reading.start()
    _patiently(lambda: print_bytes(pipe, slip))
    reading.join(30)
    assert bytes(taken) == slip


def test_a_pipe_nobody_reads_is_unreachable(pipe: Path) -> None:
    with pytest.raises(PrinterUnreachable):
        open_printer(f"file://{pipe}").connect()


def test_a_pipe_whose_reader_leaves_leaves_the_fate_unknown(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with open_printer(f"file://{pipe}").connect() as session:
        os.close(reader)
        with pytest.raises(ConnectionLost, match="gone"):
            session.send(Job(SLIP, 10))


def test_a_file_collects_slips(tmp_path: Path) -> None:
    path = tmp_path / "slips"
    path.touch()
    for _ in range(2):
        assert print_bytes(path, SLIP) is Evidence.sent
    assert path.read_bytes() == SLIP * 2


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "work.db"
    path.write_bytes(b"SQLite format 3\x00")
    with pytest.raises(PrinterUnreachable, match="something other than slips"):
        open_printer(f"file://{path}").connect()


@pytest.mark.parametrize("missing", ["lp0", "folder"])
def test_nothing_is_made_where_no_printer_is(tmp_path: Path, missing: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(PrinterUnreachable):
        open_printer(f"file://{tmp_path / missing}").connect()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


def test_a_relative_path_is_no_address() -> None:
    with pytest.raises(BadAddress, match="absolute"):
        open_printer("file://lp0")


def test_nothing_is_asked_of_a_file(tmp_path: Path) -> None:
    """It would grow by a question with each look."""
    path = tmp_path / "slips"
    path.touch()
    with open_printer(f"file://{path}").connect() as session:
        assert session.status() == PrinterStatus(answered=False)
        assert session.probe().real_time is False
    assert path.read_bytes() == b""


def print_bytes(path: Path, data: bytes) -> Evidence:
    job = Job(data, 10)
    with open_printer(f"file://{path}").connect() as session:
        assert session.status().blocked is None
        session.send(job)
        return session.confirm(job, on_status=lambda _: None, stop=threading.Event())


def device_wire(path: str) -> Wire:
    wire = open_node(path)
    assert not isinstance(wire, OneWay)
    return wire


def _patiently(attempt: Callable[[], object]) -> None:
    for _ in range(1500):
        try:
            attempt()
        except PrinterUnreachable:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("nobody opened the pipe")

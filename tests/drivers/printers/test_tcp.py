import socket
import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from drivers.errors import (
    BadAddress,
    PrinterUnreachable,
)
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence
from drivers.printers.document import PAPER_80
from drivers.printers.remains import FILLING
from drivers.printers.transports import tcp
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.clones import GS_R
from tests.drivers.printers.talking import JOB, print_slip


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(PAPER_80) as printer:
        yield printer


def test_a_system_that_refuses_a_sign_of_life_prints_all_the_same(
    printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "_LIFE_SIGNS", (("TCP_INFO", 1),))  # can only be asked for
    assert print_slip(printer.address) is Evidence.printed


def test_a_closed_port_is_unreachable(printer: VirtualPrinter) -> None:
    printer.stop()
    with pytest.raises(PrinterUnreachable) as refused:
        open_printer(printer.address).connect()
    assert refused.value.retryable


def test_closing_on_unread_answers_resets_nothing() -> None:
    """A reset could make the printer throw away what it has not yet printed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = open_printer(f"tcp://127.0.0.1:{server.getsockname()[1]}").connect()
        link, _ = server.accept()
        with link:
            link.settimeout(30)
            session.send(JOB)
            link.sendall(b"\x12" * 100)
            time.sleep(0.05)
            session.close()
            received = b""
            while data := link.recv(65536):
                received += data
            assert link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    assert received == FILLING + JOB.data + GS_R


def test_a_printer_that_stops_reading_does_not_hold_up_who_sends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with open_printer(f"tcp://127.0.0.1:{server.getsockname()[1]}").connect() as session:
            session.send(replace(JOB, data=bytes(100_000)))  # what does not fit fails after half a minute


@pytest.mark.parametrize(
    "address",
    ["", "192.168.1.5", "tcp://", "tcp://:9100", "tcp://h:0", "tcp://h:99999", "tcp://h:x", "usb://1", "tcp://h/x"],
)
def test_a_bad_address_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(BadAddress) as bad:
        open_printer(address)
    assert "tcp://" in bad.value.hint


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("tcp://192.168.1.5", "tcp://192.168.1.5:9100"),
        ("tcp://printer.local:9101", "tcp://printer.local:9101"),
        ("tcp://[::1]:9100", "tcp://[::1]:9100"),
    ],
)
def test_an_address_is_told_in_full(given: str, address: str) -> None:
    assert open_printer(given).address == address

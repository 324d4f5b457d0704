"""The drawer opens and the buzzer sounds only when told to."""

from collections.abc import Iterator

import pytest

from drivers.errors import PrinterBlocked
from drivers.printers.addresses import open_printer
from drivers.printers.base import Evidence
from drivers.printers.drawer import buzz, kick
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.talking import print_slip


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


def command(printer: VirtualPrinter, data: bytes) -> None:
    with open_printer(printer.address).connect() as session:
        session.status()
        session.send_command(data)


def test_the_drawer_opens_once(printer: VirtualPrinter) -> None:
    command(printer, kick())
    assert print_slip(printer.address) is Evidence.printed
    assert printer.drawer_kicks == 1


def test_the_buzzer_sounds_as_often_as_told(printer: VirtualPrinter) -> None:
    command(printer, buzz(3))
    assert print_slip(printer.address) is Evidence.printed
    assert printer.beeps == 3


def test_a_slip_opens_no_drawer(printer: VirtualPrinter) -> None:
    print_slip(printer.address)
    assert (printer.drawer_kicks, printer.beeps) == (0, 0)


def test_a_blocked_printer_gets_no_command(printer: VirtualPrinter) -> None:
    printer.fault("paper_out")
    with pytest.raises(PrinterBlocked):
        command(printer, kick())


@pytest.mark.parametrize(
    ("made", "bytes_"),
    [
        (kick(), b"\x1bp\x00\x32\x64"),
        (kick(5, on_ms=50, off_ms=10), b"\x1bp\x01\x19\x19"),
        (kick(on_ms=5000, off_ms=5000), b"\x1bp\x00\xff\xff"),
        (buzz(), b"\x1bB\x01\x02"),
        (buzz(20, 0), b"\x1bB\x09\x01"),
    ],
)
def test_the_bytes_are_the_manufacturers(made: bytes, bytes_: bytes) -> None:
    assert made == bytes_

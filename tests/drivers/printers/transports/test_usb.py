"""The USB wire through pyusb itself, over a backend made of software."""

import errno
import sys
import time
from collections.abc import Iterator

import pytest

from drivers.errors import BadAddress, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.transports.usb import open_usb
from drivers.virtual.printer import VirtualPrinter
from tests.drivers.printers.transports.soft_usb import SoftDevice, SoftUsb

IDS = (0x0416, 0x5011)


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def device(printer: VirtualPrinter) -> SoftDevice:
    return SoftDevice((printer.host, printer.port))


def test_bytes_go_both_ways(device: SoftDevice) -> None:
    wire = open_usb(*IDS, backend=SoftUsb(device))
    wire.write(b"\x10\x04\x01")
    assert wire.read(2) == b"\x12"
    started = time.monotonic()
    assert wire.read(0.1) == b""
    assert time.monotonic() - started > 0.05
    wire.close()


def test_the_setting_that_talks_both_ways_is_taken(device: SoftDevice) -> None:
    open_usb(*IDS, backend=SoftUsb(device)).close()
    assert device.chosen == [1]


def test_a_printer_with_one_setting_is_left_at_it(device: SoftDevice) -> None:
    device.protocols = (2,)
    open_usb(*IDS, backend=SoftUsb(device)).close()
    assert device.chosen == []


@pytest.mark.parametrize("serial", ["", "X1"])
def test_closing_gives_everything_back(device: SoftDevice, serial: str) -> None:
    bus = SoftUsb(device, SoftDevice(serial="other", product=0x9999))
    open_usb(*IDS, serial, backend=bus).close()
    assert not device.is_claimed
    assert bus.open_handles == 0


def test_a_printer_the_kernel_holds_is_left_to_it(device: SoftDevice) -> None:
    device.kernel_driver = True
    bus = SoftUsb(device)
    with pytest.raises(PrinterUnreachable, match="driver holds") as refused:
        open_usb(*IDS, backend=bus)
    assert "/dev/usb/lp0" in refused.value.hint
    assert not device.is_claimed
    assert bus.open_handles == 0


def test_a_printer_another_program_holds_is_busy(device: SoftDevice) -> None:
    device.is_claimed = True
    bus = SoftUsb(device)
    with pytest.raises(OSError) as refused:
        open_usb(*IDS, backend=bus)
    assert refused.value.errno == errno.EBUSY
    assert bus.open_handles == 0


@pytest.mark.parametrize(
    "change", [{"interface_class": 3}, {"protocols": (4,)}], ids=["a keyboard", "IPP over USB only"]
)
def test_what_is_no_printer_is_not_opened(device: SoftDevice, change: dict[str, object]) -> None:
    for name, value in change.items():
        setattr(device, name, value)
    with pytest.raises(OSError, match="no printer"):
        open_usb(*IDS, backend=SoftUsb(device))
    assert not device.is_claimed


def test_two_of_a_kind_are_told_apart_by_serial_number(device: SoftDevice, printer: VirtualPrinter) -> None:
    twin = SoftDevice((printer.host, printer.port), serial="X2")
    bus = SoftUsb(device, twin)
    wire = open_usb(*IDS, "X2", backend=bus)
    assert twin.is_claimed
    assert not device.is_claimed
    wire.close()
    with pytest.raises(OSError, match=r"several.*X1, X2"):
        open_usb(*IDS, backend=bus)
    assert bus.open_handles == 0


def test_unplugged_it_is_gone_and_back_it_is_found_again(device: SoftDevice) -> None:
    bus = SoftUsb(device)
    wire = open_usb(*IDS, "X1", backend=bus)
    device.plugged = False
    with pytest.raises(OSError):
        wire.write(b"slip")
    with pytest.raises(OSError):
        wire.read(0.1)
    wire.close()
    with pytest.raises(OSError, match="plugged in"):
        open_usb(*IDS, "X1", backend=bus)
    device.plugged, device.is_claimed = True, False
    open_usb(*IDS, "X1", backend=bus).close()


def test_without_pyusb_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usb.core", None)
    with pytest.raises(PrinterUnreachable, match="pyusb, which is not installed") as missing:
        open_printer("usb://0416:5011").connect()
    assert "spooler://" in missing.value.hint


@pytest.mark.parametrize(
    ("address", "whole"), [("usb://0416:5011", "usb://0416:5011"), ("usb://04B8:0E15/J5ZF1", "usb://04b8:0e15/J5ZF1")]
)
def test_an_address_names_the_model_and_may_name_the_printer(address: str, whole: str) -> None:
    assert open_printer(address).address == whole


@pytest.mark.parametrize("address", ["usb://", "usb://0416", "usb://EPSON/TM-T20", "usb://416:5011"])
def test_a_bad_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        open_printer(address)

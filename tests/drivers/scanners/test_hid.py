"""A scanner that types, through the real reader: the kernel's records over a pipe. Only EVIOCGRAB itself needs a real
device."""

import errno
import os
import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.errors import ScannerGone
from drivers.scanners import attached
from drivers.scanners.base import Scan, ScannerState
from drivers.scanners.hid import HidScanner, at_path
from drivers.scanners.trouble import Trouble
from drivers.system import hid
from tests.drivers.scanners.typing_scanner import ALT, CAPS, TAB, event, stroke, typed

TRACE_CODE = "81234567890000000000"
GS1 = "]d20109521234543213172811001Lot-7b\x1d21Sn4K21x"


class Typist:
    """A scanner that types, and the agent's end of it."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._path = path
        self._pipe = os.open(path, os.O_RDWR)
        self.scans: queue.Queue[Scan] = queue.Queue()
        self.states: queue.Queue[ScannerState] = queue.Queue()
        self.scanner = HidScanner(
            "usb:0c2e:0b61@1-2",
            lambda: at_path(str(path)),
            self.scans.put,
            self.states.put,
            open_line=lambda path: hid.HidLine(path, take=lambda fileno: None),
        )
        self.scanner.start()

    def type(self, events: bytes) -> None:
        os.write(self._pipe, events)

    def next_scan(self) -> str:
        return self.scans.get(timeout=30).raw.decode("latin-1")

    def stop(self) -> None:
        self.scanner.stop()
        os.close(self._pipe)


@pytest.fixture
def typist(tmp_path: Path) -> Iterator[Typist]:
    typist = Typist(tmp_path / "event7")
    assert typist.states.get(timeout=30).connected
    yield typist
    typist.stop()
    assert typist.scans.empty()


@pytest.mark.parametrize(
    "text", [TRACE_CODE, "YT-aBcDeFgHiJkLm-0123456789", GS1, "!@#$%^&*()_+{}:\"~|<>? ;'`\\,./[]=-"]
)
def test_every_key_of_the_american_layout(typist: Typist, text: str) -> None:
    typist.type(typed(text))
    assert typist.next_scan() == text


def test_capslock_changes_nothing(typist: Typist) -> None:
    typist.type(stroke(CAPS) + typed("aBc-1") + stroke(CAPS))
    assert typist.next_scan() == "aBc-1"


def test_the_separator_by_alt_and_number_pad_or_f8(typist: Typist) -> None:
    by_number = event(1, ALT, 1) + stroke(82) + stroke(80) + stroke(73) + event(1, ALT, 0)
    typist.type(typed("10LOT", None) + by_number + typed("21S", None) + stroke(66) + typed("X"))
    assert typist.next_scan() == "10LOT\x1d21S\x1dX"


def test_tab_and_silence_end_a_scan_too(typist: Typist) -> None:
    typist.type(typed(TRACE_CODE, TAB))
    assert typist.next_scan() == TRACE_CODE
    typist.type(typed(TRACE_CODE, None))
    assert typist.next_scan() == TRACE_CODE


def test_cut_at_every_byte_a_scan_stays_whole(typist: Typist) -> None:
    """A pipe may hand on half a record, which the kernel never does."""
    events = typed("8123")
    for cut in range(1, len(events), 7):
        typist.type(events[:cut])
        time.sleep(0.002)
        typist.type(events[cut:])
        assert typist.next_scan() == "8123"


def test_a_key_that_is_held_is_one_key(typist: Typist) -> None:
    typist.type(typed("80", None) + event(1, 11, 1) + event(1, 11, 2) * 5 + event(1, 11, 0) + typed("1"))
    assert typist.next_scan() == "8001"


def test_lost_keys_lose_the_scan_and_glue_nothing(typist: Typist) -> None:
    typist.type(typed("812345", None) + event(0, 3, 0))
    assert not typist.states.get(timeout=30).connected
    assert typist.states.get(timeout=30).connected
    typist.type(typed(TRACE_CODE))
    assert typist.next_scan() == TRACE_CODE


def test_grabbed_by_somebody_else(tmp_path: Path) -> None:
    def refuse(fileno: int) -> None:
        raise OSError(errno.EBUSY, "busy")

    (tmp_path / "event1").touch()
    with pytest.raises(ScannerGone) as said:
        hid.HidLine(str(tmp_path / "event1"), take=refuse)
    assert said.value.trouble is Trouble.TAKEN


DEVICES = """I: Bus=0003 Vendor=0c2e Product=0b61 Version=0111
N: Name="Honeywell 1900 Barcode Scanner"
P: Phys=usb-0000:00:14.0-2/input0
S: Sysfs=/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:0C2E:0B61.0001/input/input7
U: Uniq=18123B0E4F
H: Handlers=sysrq kbd event7 leds
B: PROP=0
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe
B: MSC=10
B: LED=7

I: Bus=0003 Vendor=046d Product=c31c Version=0110
N: Name="Logitech USB Keyboard"
P: Phys=usb-0000:00:14.0-3/input0
S: Sysfs=/devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/0003:046D:C31C.0002/input/input8
U: Uniq=
H: Handlers=sysrq kbd leds event8
B: EV=120013
B: KEY=1000000000007 ff800000000007ff febeffdff3cfffff fffffffffffffffe

I: Bus=0003 Vendor=046d Product=c31c Version=0110
N: Name="Logitech USB Keyboard Consumer Control"
P: Phys=usb-0000:00:14.0-3/input1
U: Uniq=
H: Handlers=kbd event9
B: EV=1f
B: KEY=3f000301ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c000 677bfad9415fed 19ed68000004400 10000002

I: Bus=0019 Vendor=0000 Product=0001 Version=0000
N: Name="Power Button"
P: Phys=PNP0C0C/button/input0
U: Uniq=
H: Handlers=kbd event0
B: EV=3
B: KEY=10000000000000 0
"""


def test_keyboards_are_listed_with_what_they_are_known_by(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text(DEVICES, encoding="utf-8")
    scanner, keyboard = hid.keyboards(tmp_path / "devices")
    assert (scanner.path, scanner.maker, scanner.is_likely) == ("/dev/input/event7", "Honeywell", True)
    assert attached.identity(scanner, [scanner, keyboard]) == "usb:0c2e:0b61:18123B0E4F"
    assert (keyboard.name, keyboard.path, keyboard.is_likely) == ("Logitech USB Keyboard", "/dev/input/event8", False)
    assert attached.identity(keyboard, [scanner, keyboard]) == "usb:046d:c31c@usb-0000:00:14.0-3/input0"
    assert hid.keyboards(tmp_path / "nothing") == []

"""Scanners that type like a keyboard, read below desktop and input method: the kernel's own events, for us alone.

The kernel's interface is three calls and one record; the library for it (evdev) has no wheels and would want a compiler
and kernel headers on each store's computer (docs/dependencies.md).
"""

import errno
import fcntl
import os
import re
import select
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from drivers.errors import ScannerGone
from drivers.scanners import attached
from drivers.scanners.attached import Device, makers
from drivers.scanners.base import IDLE_S, Kind
from drivers.scanners.keyboard import Keyboard
from drivers.scanners.trouble import Trouble

AVAILABLE = True

_EVENT = struct.Struct("@llHHi")
"""struct input_event: seconds, microseconds, type, code, value."""
_SYNC, _KEY, _DROPPED = 0, 1, 3
_GRAB = 0x40044590
"""EVIOCGRAB: nobody else hears this device until it is closed."""
_DEVICES = Path("/proc/bus/input/devices")
_TYPES = (1 << 28) | sum(1 << digit for digit in range(2, 12))
"""Bits of the keys that anything must have that types codes: the digits and Enter."""
_TROUBLES = {errno.EACCES: Trouble.FORBIDDEN, errno.EPERM: Trouble.FORBIDDEN, errno.EBUSY: Trouble.TAKEN}


def keyboards(devices: Path = _DEVICES) -> list[Device]:
    """All on USB or Bluetooth that type digits. Which of them is a scanner, only its name may tell."""
    try:
        text = devices.read_text(encoding="utf-8", errors="replace")
    except OSError:  # a container has no such devices
        return []
    return [device for entry in text.split("\n\n") if (device := _device(entry)) is not None]


def grab(fileno: int) -> None:
    fcntl.ioctl(fileno, _GRAB, 1)


class HidLine:
    """One keyboard that nobody else hears. Its speed is no matter."""

    speed: int | None = None
    trouble: Trouble | None = None

    def __init__(self, path: str, take: Callable[[int], None] = grab) -> None:
        """Raises ScannerGone."""
        self.path = path
        self._keyboard, self._rest = Keyboard(), b""
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ScannerGone(f"{path}: {error}", _TROUBLES.get(error.errno or 0, Trouble.MISSING)) from error
        try:
            take(self._file)
        except OSError as error:
            os.close(self._file)
            raise ScannerGone(f"{path}: {error}", _TROUBLES.get(error.errno or 0, Trouble.FAILING)) from error

    def read(self) -> bytes:
        """Keys that say nothing, such as shift, are no silence."""
        while select.select([self._file], [], [], IDLE_S)[0]:
            if said := "".join(self._said()):
                return said.encode("latin-1")
        return b""

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._file)

    def _said(self) -> Iterator[str]:
        data = self._rest + self._events()
        whole = len(data) - len(data) % _EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in _EVENT.iter_unpack(data[:whole]):
            if kind == _SYNC and code == _DROPPED:
                raise ScannerGone(f"{self.path}: keys were lost, this computer is too slow", Trouble.FAILING)
            if kind == _KEY:
                yield self._keyboard.press(code, value)

    def _events(self) -> bytes:
        try:
            data = os.read(self._file, 64 * _EVENT.size)
        except OSError as error:
            raise ScannerGone(f"{self.path}: {error}", Trouble.MISSING) from error
        if not data:
            raise ScannerGone(f"{self.path} is gone", Trouble.MISSING)
        return data


def _device(entry: str) -> Device | None:
    """One paragraph of /proc/bus/input/devices: I: its numbers, N: its name, P: its plug, U: its serial number, H: who
    handles it, B: what it can."""
    numbers = re.search(r"^I: Bus=(0003|0005) Vendor=([0-9a-f]{4}) Product=([0-9a-f]{4})", entry, re.MULTILINE)
    event = re.search(r"^H: Handlers=.*\bkbd\b.*\b(event\d+)", entry, re.MULTILINE)
    keys = re.search(r"^B: KEY=([0-9a-f ]+)$", entry, re.MULTILINE)
    if numbers is None or event is None or keys is None or int(keys[1].split()[-1], 16) & _TYPES != _TYPES:
        return None
    vendor, product = int(numbers[2], 16), int(numbers[3], 16)
    maker = makers().get(vendor)
    return Device(
        Kind.HID,
        f"/dev/input/{event[1]}",
        _value(entry, r'N: Name="(.*)"'),
        attached.usb(vendor, product),
        _value(entry, r"U: Uniq=(.*)"),
        _value(entry, r"P: Phys=(.*)"),
        maker.name if maker is not None and not maker.bridge else "",
    )


def _value(entry: str, pattern: str) -> str:
    found = re.search(f"^{pattern}$", entry, re.MULTILINE)
    return found[1].strip() if found is not None else ""

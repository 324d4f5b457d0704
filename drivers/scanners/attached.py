"""What hangs on this computer that may be a scanner, and by what it is known again when its number changes.

A scanner is known by its maker's numbers and its own serial number, `usb:0c2e:0b6a:18123B0E4F`; one that has none by
the plug it hangs on, `usb:0c2e:0b6a@1-1.2`. Without either, `usb:0c2e:0b6a` means the only one of its kind.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec

from drivers.errors import ScannerGone
from drivers.scanners.base import Kind
from drivers.scanners.trouble import Trouble

_SHORTEST_SERIAL = 4
_SCANNER = re.compile(r"scan|bar.?code|imager|qr.?code|reader|扫码|扫描", re.IGNORECASE)


class Device(msgspec.Struct, frozen=True):
    """`maker` is empty where no scanner maker's number is known; `others` are further paths of it. `plug` and `serial`
    as the system says them. `speed_matters`: behind it is a real line of RS-232."""

    kind: Kind
    path: str
    name: str
    usb: str = ""
    serial: str = ""
    plug: str = ""
    maker: str = ""
    speed_matters: bool = False
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that it answers to."""
        if not self.usb:
            return ()
        by_serial = (f"{self.usb}:{self.serial}",) if own_serial(self.serial) else ()
        by_plug = (f"{self.usb}@{self.plug}",) if self.plug else ()
        return (*by_serial, *by_plug, self.usb)

    @property
    def is_likely(self) -> bool:
        """Its maker or its own name speaks for a scanner."""
        return bool(self.maker) or _SCANNER.search(self.name) is not None

    def is_at(self, path: str) -> bool:
        return path == self.path or path in self.others


class Maker(msgspec.Struct, frozen=True):
    """`bridge`: no scanner maker's number but that of a chip that turns USB into RS-232. `manual` is what the code that
    sets a scanner to serial mode is called in its maker's manual."""

    name: str
    bridge: bool = False
    manual: str = ""


def maker_of(device: Device) -> Maker | None:
    return makers().get(int(device.usb.split(":")[1], 16)) if device.usb else None


def usb(vendor: int, product: int) -> str:
    return f"usb:{vendor:04x}:{product:04x}"


def own_serial(number: str) -> bool:
    """Not what makers write into every device: 0000, 1234567890, nothing."""
    plain = re.sub(r"[^0-9A-Za-z]", "", number)
    return len(plain) >= _SHORTEST_SERIAL and len(set(plain)) > 1 and plain not in "012345678901234567890"


@cache
def makers() -> dict[int, Maker]:
    """By USB vendor number."""
    text = (files(__package__) / "makers.toml").read_text(encoding="utf-8")
    return {int(number, 16): msgspec.convert(maker, Maker) for number, maker in tomllib.loads(text).items()}


def identity(device: Device, devices: Sequence[Device]) -> str:
    """The best name that it alone answers to; empty where there is none but its path."""
    for name in device.names[: 2 if device.plug else 1]:
        if sum(name in other.names for other in devices) == 1:
            return name
    return ""


def where(name: str, devices: Sequence[Device]) -> Device:
    """The one that answers to this name. Raises ScannerGone."""
    found = [device for device in devices if name in device.names]
    if not found:
        raise ScannerGone(f"{name} is not plugged in", Trouble.MISSING)
    if len(found) > 1:
        both = " and ".join(device.path for device in found)
        raise ScannerGone(f"{name} is {both}", Trouble.AMBIGUOUS)
    return found[0]

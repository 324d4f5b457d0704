"""Where a scanner is by its name, and whether it may be read there."""

from collections.abc import Callable
from functools import partial

from drivers.scanners import hid, ports
from drivers.scanners.attached import Device
from drivers.scanners.base import Kind
from drivers.scanners.serial import SerialLine
from drivers.system import hid as hid_here


def place(kind: Kind, *, path: str, identity: str) -> Callable[[], Device]:
    """Says where it is now, each time anew, or raises ScannerGone. One of `path` and `identity` is given."""
    if kind is Kind.HID:
        return partial(hid.with_identity, identity) if identity else partial(hid.at_path, path)
    return partial(ports.with_identity, identity) if identity else partial(ports.at_path, path)


def try_to_open(kind: Kind, *, path: str, identity: str) -> None:
    """Raises ScannerGone. Not while a scanner is read there: the other reader would be refused."""
    device = place(kind, path=path, identity=identity)()
    line = hid_here.HidLine(device.path) if kind is Kind.HID else SerialLine(device.path)
    line.close()

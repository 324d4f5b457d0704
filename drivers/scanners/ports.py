"""Serial ports of this computer, and which of them a scanner is to be read at. They are listed, never opened."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.errors import ScannerGone
from drivers.scanners import attached
from drivers.scanners.attached import Device, makers
from drivers.scanners.base import Kind
from drivers.scanners.trouble import Trouble

if TYPE_CHECKING:
    from serial.tools.list_ports_common import ListPortInfo

log = logging.getLogger(__name__)

_BY_ID = Path("/dev/serial/by-id")
_KEPT_S = 0.9
"""Listing costs some milliseconds, and each missing scanner asks twice a second."""
_NO_SPEED = ("ttyACM", "pts/")
"""Linux' names of what is serial without a line: USB's own serial class, and pseudo terminals."""

Listing = Callable[[], Sequence[Device]]


class _Recently:
    """The ports as they were a moment ago. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._seen: tuple[Device, ...] = ()

    def __call__(self) -> Sequence[Device]:
        with self._lock:
            if time.monotonic() - self._at > _KEPT_S:
                self._seen, self._at = tuple(serial_ports()), time.monotonic()
            return self._seen


recently = _Recently()


def serial_ports(by_id: Path = _BY_ID) -> list[Device]:
    lasting = _lasting_names(by_id)
    return [_device(port, lasting.get(port.device, ())) for port in _ports()]


def at_path(path: str, listing: Listing = recently) -> Device:
    """What is plugged in there. Raises ScannerGone."""
    if not _is_windows_name(path) and not Path(path).exists():
        raise ScannerGone(f"{path} is not there", Trouble.MISSING)
    real = os.path.realpath(path)
    for device in listing():
        if device.is_at(path) or device.is_at(real):
            return device
    named = real.removeprefix("/dev/")
    return Device(Kind.SERIAL, path, path, speed_matters=not named.startswith(_NO_SPEED))


def with_identity(name: str, listing: Listing = recently) -> Device:
    """Wherever it is plugged in now. Raises ScannerGone."""
    return attached.where(name, listing())


def _ports() -> "Sequence[ListPortInfo]":
    """Empty where pyserial cannot list them: it looks for functions of Windows that wine does not have."""
    try:
        from serial.tools import list_ports
    except AttributeError as error:
        log.warning("serial ports cannot be listed: %s", error)
        return ()
    return list(list_ports.comports())


def _device(port: "ListPortInfo", others: tuple[str, ...]) -> Device:
    maker = makers().get(port.vid) if port.vid is not None else None
    model = f"{port.manufacturer or ''} {port.product or ''}".strip()
    is_usb = port.vid is not None and port.pid is not None
    return Device(
        Kind.SERIAL,
        port.device,
        model or (port.description if port.description not in ("", "n/a", None) else port.device),
        attached.usb(port.vid, port.pid) if port.vid is not None and port.pid is not None else "",
        port.serial_number or "",
        port.location or "",
        maker.name if maker is not None and not maker.bridge else "",
        speed_matters=not is_usb or "ttyUSB" in port.device or (maker is not None and maker.bridge),
        others=others,
    )


def _lasting_names(by_id: Path) -> dict[str, tuple[str, ...]]:
    """Linux numbers USB ports as they come; udev's links keep their names."""
    if not by_id.is_dir():
        return {}
    names = dict[str, tuple[str, ...]]()
    for link in sorted(by_id.iterdir()):
        names[str(link.resolve())] = (*names.get(str(link.resolve()), ()), str(link))
    return names


def _is_windows_name(path: str) -> bool:
    """COM4 is no file."""
    return path.upper().removeprefix("\\\\.\\").startswith("COM")

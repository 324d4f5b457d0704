"""A scanner that types like a keyboard and is ours alone."""

from collections.abc import Callable
from pathlib import Path

from drivers.errors import ScannerGone
from drivers.scanners import attached
from drivers.scanners.attached import Device
from drivers.scanners.base import Kind, Line, Scan, ScannerState
from drivers.scanners.owner import LineScanner
from drivers.scanners.trouble import Trouble
from drivers.system import hid


class HidScanner(LineScanner):
    """See `LineScanner`; `place` says where it is now, or raises ScannerGone."""

    def __init__(
        self,
        device: str,
        place: Callable[[], Device],
        on_scan: Callable[[Scan], None],
        on_state: Callable[[ScannerState], None],
        *,
        open_line: Callable[[str], Line] = hid.HidLine,
    ) -> None:
        super().__init__(device, lambda: open_line(place().path), on_scan, on_state)


def with_identity(name: str) -> Device:
    """Wherever it is plugged in now. Raises ScannerGone."""
    if not hid.AVAILABLE:
        raise ScannerGone(f"{name}: a keyboard scanner cannot be ours alone on this system", Trouble.UNSUPPORTED)
    return attached.where(name, hid.keyboards())


def at_path(path: str) -> Device:
    """What is plugged in there. Raises ScannerGone."""
    if hid.AVAILABLE and not Path(path).exists():
        raise ScannerGone(f"{path} is not there", Trouble.MISSING)
    return Device(Kind.HID, path, path)

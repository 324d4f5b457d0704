"""Scanners that type like a keyboard. Reading one below the input method needs Raw Input in the user's session, which
the service is not in; that comes later (docs/limits.md). The picking page hears them while it has the focus."""

from collections.abc import Callable
from pathlib import Path

from drivers.errors import ScannerGone
from drivers.scanners.attached import Device
from drivers.scanners.trouble import Trouble

AVAILABLE = False


def keyboards(devices: Path | None = None) -> list[Device]:
    return []


def grab(fileno: int) -> None:
    """Nothing can be opened that could be grabbed."""


class HidLine:
    speed: int | None = None
    trouble: Trouble | None = None

    def __init__(self, path: str, take: Callable[[int], None] = grab) -> None:
        """Raises ScannerGone, always."""
        self.path = path
        raise ScannerGone(f"{path}: a keyboard scanner cannot be ours alone on Windows", Trouble.UNSUPPORTED)

    def read(self) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing is open."""

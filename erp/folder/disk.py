"""Writing and moving files so that they last; how, is the system's, and each program has its own."""

from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Each raises OSError."""

    def write(self, path: Path, content: bytes) -> None:
        """Whole or not at all, on the disk when it returns; whoever may use the folder may read it."""

    def settle(self, folder: Path) -> None:
        """What was renamed in it is on the disk."""


def move(source: Path, target: Path, disk: Disk) -> None:
    """Over whatever of the same content an earlier try left there. Raises OSError."""
    source.replace(target)
    disk.settle(target.parent)

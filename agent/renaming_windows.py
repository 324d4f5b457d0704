"""Making a renaming last: NTFS keeps a journal of them, and has no way to ask for more."""

from pathlib import Path


def settle(folder: Path) -> None:
    """What was renamed in it is in the journal."""

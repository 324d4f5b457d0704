"""Making a renaming last: on Linux it is in the folder, and the folder is written when it is asked to be."""

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """What was renamed in it is on the disk. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

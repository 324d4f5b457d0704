"""Files that only their owner may read, because secrets stand in them."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all: written beside, then renamed. Raises OSError."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

"""Files that only their owner may read, because secrets stand in them; and what makes a file and its name last."""

import os
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Whole or not at all: written beside, then renamed. No power cut takes it back. `mode` is for what others read as
    well, within what the process may give. Raises OSError."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    settle(path.parent)


def sync(path: Path) -> None:
    """What another wrote into this file is on the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def make_folder(folder: Path) -> None:
    """With those above it. What is made here is on the disk, and so what is kept in it later. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        with suppress(PermissionError):  # who may make a folder there need not be allowed to read there
            settle(each.parent)


def settle(folder: Path) -> None:
    """What was renamed in it is on the disk. Windows has no way to ask for more than its journal. Raises OSError."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

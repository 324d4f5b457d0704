"""Writing a file whole or not at all: beside it first, and on the disk; then renamed over it, and that too."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.system import renaming


def write_whole(path: Path, content: bytes, create: Callable[[Path], int]) -> None:
    """`create` opens a new file for writing, with the owner and the permissions that it is to have. No power cut takes
    back what this has done. Raises OSError."""
    written_beside(path, content, create).replace(path)
    renaming.settle(path.parent)


def make_folder(folder: Path) -> None:
    """With those above it. What is made here is on the disk, and so what is kept in it later. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        with suppress(PermissionError):  # who may make a folder there need not be allowed to read there
            renaming.settle(each.parent)


def sync(path: Path) -> None:
    """Of what somebody else wrote into it. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def written_beside(path: Path, content: bytes, create: Callable[[Path], int]) -> Path:
    """For whoever has something to look at before the renaming. What an earlier one left there is replaced."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    made = create(beside)
    try:
        with os.fdopen(made, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return beside

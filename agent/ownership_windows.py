"""Files that an administrator makes for the service: the folder's access list, which the installer set, counts."""

import os
from pathlib import Path


def create_for_service(path: Path, owner: str | None, *, private: bool) -> int:
    """A descriptor to write to. Who may read the file is the folder's business, private or not.

    Raises FileExistsError, and LookupError for an `owner`: there is none to choose.
    """
    if owner is not None:
        raise LookupError("the folder's access list says who may read a file, there is no owner to name")
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def make_alike(path: Path, like: os.stat_result) -> None:
    """Nothing: what replaces a file in its folder has that folder's access list."""

"""Writing what only the service's own account may read."""

import os
from pathlib import Path

from agent.system import permissions


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by its owner only from its first moment: written beside, then renamed.

    Raises OSError.
    """
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(permissions.create_for_owner(beside), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

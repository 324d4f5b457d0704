"""Files that only their owner may read: mode 0600."""

import os
import stat
from pathlib import Path


def create_for_owner(path: Path) -> int:
    """A descriptor to write to. Private from its first moment; raises FileExistsError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)


def others_may_read(path: Path) -> bool:
    """Raises FileNotFoundError. The superuser is nobody's other."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def how_to_close(path: Path) -> str:
    return f"chmod 600 {path}"

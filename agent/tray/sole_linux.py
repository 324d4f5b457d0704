"""One tray per session, on Linux: a lock that ends with its program."""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TextIO

Claim = TextIO


def claim() -> Claim | None:
    """To be kept as long as the tray runs; None where another tray of this session has it. Raises OSError."""
    file = _path().open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _path() -> Path:
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY", "")
    return Path(folder, f"yaolink-tray-{os.getuid()}-{screen.replace('/', '_')}.lock")

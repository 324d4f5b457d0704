r"""Where the tray's own log goes, on Windows: a program without a console has no standard error, so a small file in
%LOCALAPPDATA%\Yaolink."""

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

_BYTES = 256 * 1024


def handler() -> logging.Handler:
    folder = Path(os.environ["LOCALAPPDATA"], "Yaolink")
    folder.mkdir(parents=True, exist_ok=True)
    return RotatingFileHandler(folder / "tray.log", maxBytes=_BYTES, backupCount=1, encoding="utf-8")

"""Why the service cannot serve, for the tray: left where it looks for the service, until one serves again."""

import json
import logging
from contextlib import suppress
from pathlib import Path

from agent.config import Language
from agent.errors import SchemaTooNew, StorageError
from agent.pages.words import Words
from agent.system import places

log = logging.getLogger(__name__)

NAME = "last-words.json"
"""Known to the tray (agent/tray/hand.py)."""


def leave(error: StorageError, run_folder: Path | None = None) -> None:
    """In both languages: the tray knows which is wanted."""
    path = _path(run_folder)
    if path is None:
        return
    key = "health.newer" if isinstance(error, SchemaTooNew) else "health.storage"
    said = {language: Words(language)(key) for language in Language}
    try:
        path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        path.chmod(0o644)
    except OSError as failure:
        log.warning("the tray cannot be told why: %s", failure)


def clear(run_folder: Path | None = None) -> None:
    path = _path(run_folder)
    if path is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _path(run_folder: Path | None) -> Path | None:
    folder = run_folder or places.run_folder()
    return None if folder is None else folder / NAME

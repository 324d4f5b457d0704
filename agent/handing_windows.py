r"""Handing the tray of whoever is signed in its way into the local API: a file in %PROGRAMDATA%\Yaolink\run.

The installer gave that folder an access list which new files inherit: the service writes, interactive users read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

log = logging.getLogger(__name__)

NAME = "tray.json"
TRIES, PAUSE_SECONDS = 20, 0.05
"""A file that the tray or a virus scanner has open at this moment cannot be replaced."""


@asynccontextmanager
async def handed(line: bytes, run_folder: Path | None) -> AsyncIterator[None]:
    """While it lasts, the file is there; what a killed agent left behind opens nothing. Without a run folder, or where
    the file cannot be written, nothing is handed: the store works without its tray."""
    if run_folder is None:
        yield
        return
    path = run_folder / NAME
    try:
        await _replace(path, line)
    except OSError as error:
        log.error("the tray cannot be handed its token at %s: %s", path, error)
    try:
        yield
    finally:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s stays behind: %s", path, error)


async def _replace(path: Path, line: bytes) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(line)
    for _ in range(TRIES - 1):
        try:
            beside.replace(path)
        except PermissionError:
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return
    beside.replace(path)

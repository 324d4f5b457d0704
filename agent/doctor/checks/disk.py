"""Is there room for the store's data, can it be written, and how long will it last?"""

import errno
import os
from contextlib import suppress
from pathlib import Path

from agent.doctor.amounts import size
from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.files import WORK
from agent.storage.room import free_on
from domain.thresholds import DISK_LOW, DISK_SCARCE
from domain.times import DAY

TRIED_BYTES = 256 * 1024
"""More than one commit of the agent needs."""
TRIED = "doctor.tmp"
FEW_DAYS = 30
_FULL = (errno.ENOSPC, errno.EDQUOT)


def disk(case: Case) -> list[Finding]:
    folder = _existing(case.settings.folder)
    free = free_on(folder)
    try:
        _try_to_write(folder)
    except OSError as error:
        if error.errno in _FULL:
            return [found("disk.full", free=size(free), why=error.strerror)]
        return [found("disk.not_ours", folder=folder, detail=str(error))]
    if free < DISK_SCARCE:
        return [found("disk.scarce", free=size(free))]
    if free < DISK_LOW:
        return [found("disk.low", free=size(free))]
    days = _lasts_for_days(case, free)
    if days is not None and days < FEW_DAYS:
        return [found("disk.growing", free=size(free), days=days)]
    return [found("disk.ok", free=size(free))]


def _existing(folder: Path) -> Path:
    """Before the first start there is only a folder above it."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _try_to_write(folder: Path) -> None:
    path = folder / TRIED
    try:
        with path.open("wb") as file:
            file.write(os.urandom(TRIED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _lasts_for_days(case: Case, free: int) -> int | None:
    """As the store's file has grown since the first order. None for a store too young to tell."""
    path = case.settings.folder / WORK
    if not isinstance(case.records, Records) or case.records.first_order_at is None or not path.exists():
        return None
    days = (case.clock() - case.records.first_order_at) / DAY
    return int(free / max(path.stat().st_size / days, 1)) if days >= 1 else None

"""Room on the data's disk. Some of it is held in reserve: when the disk runs full the reserve is given back, what was
begun can be finished with it, and no new order is taken until there is room again (design.md §9)."""

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.files import DataFile
from domain.thresholds import DISK_SCARCE

log = logging.getLogger(__name__)

RESERVE = "reserve"
RESERVE_BYTES = 16 * 1024 * 1024
ENOUGH = 128 * 1024 * 1024
"""Bytes free: above, new work is taken again: not at the same mark, so that it does not go to and fro."""
AMPLE = 512 * 1024 * 1024
"""Above, the reserve is put by again."""


def free_on(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class Room:
    """`look` blocks for the writing of the reserve: not in the event loop."""

    def __init__(
        self, folder: Path, files: tuple[DataFile, ...], *, free: Callable[[Path], int] = free_on,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:  # fmt: skip
        self._folder, self._files, self._free, self._bytes = folder, files, free, reserve_bytes
        self.free = free(folder)

    @property
    def scarce(self) -> bool:
        return any(file.scarce for file in self._files)

    def look(self) -> int:
        """Returns how many bytes are free."""
        self.free = self._free(self._folder)
        if self.free < DISK_SCARCE:
            self._run_short()
        elif self.scarce and self.free >= ENOUGH:
            log.warning("%d MB are free again: new work is taken", self.free >> 20)
            self._tell(scarce=False)
        if self.free >= AMPLE:
            self._put_by()
        return self.free

    def _run_short(self) -> None:
        if not self.scarce:
            log.error("only %d MB are free: no new order is taken until there is room", self.free >> 20)
            self._tell(scarce=True)
        with suppress(OSError):
            (self._folder / RESERVE).unlink(missing_ok=True)

    def _tell(self, *, scarce: bool) -> None:
        for file in self._files:
            file.scarce = scarce

    def _put_by(self) -> None:
        reserve = self._folder / RESERVE
        if reserve.exists() and reserve.stat().st_size == self._bytes:
            return
        try:
            with reserve.open("wb") as file:
                for _ in range(self._bytes >> 16):
                    file.write(os.urandom(1 << 16))  # a file system that packs would keep nothing for zeros
        except OSError as error:
            log.warning("no reserve could be put by: %s", error)
            with suppress(OSError):
                reserve.unlink(missing_ok=True)

"""The watched folder as a connector: one look at a time, in a thread of its own (`erp.running`)."""

import time
from pathlib import Path

from domain.times import DAY, SECOND
from erp.books import Books
from erp.errors import FolderGone
from erp.folder.disk import Disk
from erp.folder.handing import Handing
from erp.folder.layout import Layout
from erp.folder.looking import Watch
from erp.folder.remembering import opened
from erp.folder.taking import Taking
from erp.mapping import Mapping

LOOK_S = 2.0
TIDY_S = 3600.0
KEPT_DAYS = 90
"""What was taken or refused stays in the folder for so long."""


class Folder:
    name = "folder"

    def __init__(self, root: Path, mapping: Mapping, books: Books, disk: Disk) -> None:
        self._layout, self._watch = Layout(root), Watch()
        self._books, self._disk, self._tidy_at = books, disk, 0.0
        self._taking = Taking(self._layout, mapping, books, disk)
        self._handing = None if mapping.documents is None else Handing(self._layout, mapping.documents, books, disk)

    def step(self) -> float:
        """One look; returns after how many seconds to look again. Raises ErpError."""
        try:
            remembered = opened(self._layout, self._books, self._disk)
            for file in self._watch.complete(self._layout.came, wants_ok=self._taking.wants_ok):
                self._taking.take(file)
            for name, why in self._watch.stuck(self._taking.wants_ok):
                self._taking.leave(name, why)
            self._tidy()
            if self._handing is not None:
                self._handing.follow_answers(remembered.elsewhere)
                self._handing.hand_over()
        except OSError as error:
            raise FolderGone(f"{self._layout.root} cannot be used: {error}") from error
        return LOOK_S

    def _tidy(self) -> None:
        """What has lain there for so long: moving a file changes its ctime, where there is one."""
        if time.monotonic() < self._tidy_at:
            return
        self._tidy_at = time.monotonic() + TIDY_S
        before = self._books.now() / SECOND - KEPT_DAYS * DAY / SECOND
        for folder in (self._layout.done, self._layout.rejected):
            for path in folder.iterdir():
                if path.is_file() and max(path.stat().st_mtime, path.stat().st_ctime) < before:
                    path.unlink()

    def close(self) -> None:
        """Nothing is held open between looks."""

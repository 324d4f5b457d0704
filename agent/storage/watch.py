"""Looking after the open files: whether they are sound, and whether there is room for them.

Damage that is met while the agent works is noted beside the file and ends the service, which begins anew at once: the
rebuilding has one way, that of a start.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agent.errors import AgentError, DataDamaged
from agent.files import DataFile
from agent.storage import checking
from agent.storage.opening import Prepared, distrust
from agent.storage.room import Room

log = logging.getLogger(__name__)


class FilesDamaged(AgentError):
    """The service ends, for the next start to rebuild what is damaged."""


class Watch:
    """Its steps block: each is for a thread of its own. `on_damage` is called in any thread, once."""

    def __init__(
        self, files: tuple[DataFile, ...], prepared: Prepared, room: Room, on_damage: Callable[[], None]
    ) -> None:
        self._files, self._left, self._room, self._on_damage = files, list(prepared.left), room, on_damage
        self._noticed, self._gate = False, threading.Lock()
        self.why = ""
        for file in files:
            file.on_damage(partial(self.notice, file.path))

    @property
    def left(self) -> bool:
        """The check at start was not finished."""
        return bool(self._left)

    def notice(self, path: Path, wrong: str) -> None:
        with self._gate:
            if self._noticed:
                return
            self._noticed, self.why = True, f"{path.name}: {wrong}"
        log.error("%s is damaged: %s", path, wrong)
        distrust(path, "")
        self._on_damage()

    def check_rest(self) -> str:
        """What the check at start had no time for."""
        left, self._left = self._left, []
        for path, tables in left:
            self._judge(path, checking.check_tables(path, tables))
        return f"checked the rest of {len(left)} files" if left else "nothing was left to check"

    def check_whole(self) -> str:
        seconds = 0.0
        for file in self._files:
            checked = checking.check_whole(file.path)
            self._judge(file.path, checked)
            seconds += checked.seconds
        self._left.clear()
        return f"both files are sound ({seconds:.1f} s)"

    def look_at_disk(self) -> str:
        free = self._room.look()
        for file in self._files:
            if file.unverified:
                file.unverified = False
                self._judge(file.path, checking.check(file.path))
        return f"{free >> 20} MB are free"

    def _judge(self, path: Path, checked: checking.Checked) -> None:
        if checked.wrong:
            self.notice(path, checked.wrong)
            raise DataDamaged(f"{path.name}: {checked.wrong}")

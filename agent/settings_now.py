"""The settings in force. Some follow a change at once, the others are read at the next start.

Lives in the event loop's thread; `now` may be read from any.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from agent.config import BadConfig, Settings
from agent.settings_file import SettingsFile
from agent.settings_tables import Value

log = logging.getLogger(__name__)

FOLLOWED = ("language", "log_level", "voice", "printers", "scanners")
"""Whoever uses these asks for them each time, or listens."""
CHANGEABLE = ("language", "log_level", "voice")
"""What the page may set. Where data and secrets lie, which port is ours and which proxy the hub is reached by is for
whoever may edit the file; printers and scanners have their own ways (`agent.printing.api`, `agent.scanners.api`)."""


class Changed(msgspec.Struct, frozen=True):
    """Keys by when they count."""

    at_once: tuple[str, ...]
    after_start: tuple[str, ...]


class SettingsNow:
    """`file` is None where the agent was not started from one: then nothing can be changed."""

    def __init__(self, settings: Settings, file: SettingsFile | None = None) -> None:
        self.now = settings
        self._file = file
        self._one_at_a_time = asyncio.Lock()
        self._listeners: list[Callable[[Settings], None]] = []

    @property
    def path(self) -> Path | None:
        """The file that a change is written to."""
        return None if self._file is None else self._file.path

    def on_change(self, listener: Callable[[Settings], None]) -> None:
        """`listener` hears the new settings in the event loop's thread, once they are on the disk."""
        self._listeners.append(listener)

    async def change(self, changes: Mapping[str, Value]) -> Changed:
        """Raises BadConfig or NotWritable; then everything is as it was."""
        _refuse_what_is_not_for_the_page(changes)
        await self._write(lambda file: file.change(changes), ", ".join(changes))
        at_once = tuple(key for key in changes if key.partition(".")[0] in FOLLOWED)
        return Changed(at_once, tuple(key for key in changes if key not in at_once))

    async def rewrite(self, edit: Callable[[str], str], what: str) -> None:
        """As `change`, in the text of the file; `what` is for the log."""
        await self._write(lambda file: file.rewrite(edit), what)

    async def _write(self, step: Callable[[SettingsFile], Settings], what: str) -> None:
        if self._file is None:
            raise BadConfig("this agent was not started from a config file")
        async with self._one_at_a_time:
            written = await asyncio.to_thread(step, self._file)
            self.now = msgspec.structs.replace(self.now, **{name: getattr(written, name) for name in FOLLOWED})
        log.info("settings changed: %s", what)
        for listener in self._listeners:
            listener(self.now)


def _refuse_what_is_not_for_the_page(changes: Mapping[str, Value]) -> None:
    for key in changes:
        if key.partition(".")[0] not in CHANGEABLE:
            raise BadConfig(f"{key}: not to be changed from the page", hint="edit agent.toml and restart the agent")

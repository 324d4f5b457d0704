"""Changing agent.toml from the page: comments, order and line ends stay, and so does whatever a person wrote into the
file meanwhile. What would not be read again at the next start is refused before anything is written."""

import os
import stat
import threading
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agent import config
from agent.config import BadConfig, Settings
from agent.errors import AgentError
from agent.settings_tables import Value
from agent.system import ownership, renaming
from agent.whole_file import written_beside

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_BOM = "\ufeff"
_TRIES = 3


class NotWritable(AgentError):
    """The file stays as it was."""


class SettingsFile:
    """May be used from any thread; calls block for as long as a disk takes.

    Each change returns the settings of the next start. It raises BadConfig for what may not be, NotWritable for a file
    that this account may not change; then the file is as it was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._one_at_a_time = threading.Lock()

    def change(self, changes: Mapping[str, Value]) -> Settings:
        """Keys are written as they are named in messages: `voice.volume`."""
        return self.rewrite(lambda text: _changed(text, changes))

    def rewrite(self, edit: Callable[[str], str]) -> Settings:
        """`edit` sees neither the mark nor the line ends that Windows' editors write; both are kept. It may be called
        again, where somebody else wrote the file meanwhile."""
        with self._one_at_a_time:
            for _ in range(_TRIES):
                before = self._read()
                after = self._edited(before, edit)
                settings = config.settings_of(after, self.path)
                if after == before or self._replace(before, after):
                    return settings
        raise NotWritable(f"{self.path} is being edited", hint="save it there, then try again")

    def _edited(self, text: str, edit: Callable[[str], str]) -> str:
        from tomlkit.exceptions import TOMLKitError  # only a person who changes something needs it

        mark, plain = _BOM if text.startswith(_BOM) else "", text.removeprefix(_BOM)
        of_windows = "\r\n" in plain and "\n" not in plain.replace("\r\n", "")
        try:
            tomllib.loads(plain)
            edited = edit(plain.replace("\r\n", "\n") if of_windows else plain)
        except (tomllib.TOMLDecodeError, TOMLKitError) as error:
            raise BadConfig(f"{self.path} cannot be read: {error}", hint="mend it by hand first") from error
        return mark + (edited.replace("\n", "\r\n") if of_windows else edited)

    def _read(self) -> str:
        """Line ends and a byte order mark are kept, as Windows' editor writes them."""
        try:
            return self.path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfig(f"{self.path} cannot be read: {error}") from error

    def _replace(self, before: str, after: str) -> bool:
        """Whole or not at all: written beside, then renamed. False: somebody else wrote the file since it was read."""
        try:
            as_it_is = self.path.stat()
            if not as_it_is.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
                raise NotWritable(
                    f"{self.path} is read-only", hint="somebody meant it so; allow writing, or edit it there"
                )
            beside = written_beside(self.path, after.encode(), _create)
            try:
                ownership.make_alike(beside, as_it_is)
                if self._read() != before:
                    return False
                beside.replace(self.path)
                renaming.settle(self.path.parent)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise NotWritable(f"{self.path} cannot be changed: {error.strerror}", hint=_MAY_WRITE) from error
        return True


_MAY_WRITE = "the account of the service must own the file and be allowed to write in its folder"


def _create(beside: Path) -> int:
    return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _changed(text: str, changes: Mapping[str, Value]) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    for key, value in changes.items():
        _set(document, key, value)
    return tomlkit.dumps(document)


def _set(document: "TOMLDocument", key: str, value: Value) -> None:
    """A table that is not there yet is made at the end of the file."""
    import tomlkit

    within, _, name = key.rpartition(".")
    if not within:
        document[name] = value
        return
    if within not in document:
        document[within] = tomlkit.table()
    table = document[within]
    if not isinstance(table, dict):
        raise BadConfig(f"{within}: expected a table")
    table[name] = value

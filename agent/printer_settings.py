"""The printers of agent.toml, changed in its text; for `SettingsFile.rewrite`."""

import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from agent import settings_tables
from agent.config import PrinterSettings
from agent.settings_tables import Value

ARRAY = "printers"


def added(text: str, printer: PrinterSettings) -> str:
    """What is as usual is not written."""
    return settings_tables.added(text, ARRAY, _written(printer))


def changed(text: str, name: str, changes: Mapping[str, Value | None]) -> str:
    """None takes a key out. Whoever has it as a backup knows it by its new name too."""
    text = settings_tables.changed(text, ARRAY, name, changes)
    new = changes.get("name", name)
    return text if new == name or not isinstance(new, str) else _backups(text, name, new)


def removed(text: str, name: str) -> str:
    """Nobody has it as a backup any more."""
    return _backups(settings_tables.removed(text, ARRAY, name), name, None)


def _backups(text: str, name: str, new: str | None) -> str:
    for entry in tomllib.loads(text).get(ARRAY, []):
        if entry.get("backup") == name:
            text = settings_tables.changed(text, ARRAY, entry["name"], {"backup": new})
    return text


def _written(printer: PrinterSettings) -> dict[str, Value]:
    said = plain(printer)
    usual = plain(PrinterSettings(printer.name, printer.address))
    return {key: value for key, value in said.items() if key in ("name", "address", "paper") or value != usual.get(key)}


def plain(printer: PrinterSettings) -> dict[str, Value]:
    """As it is written, without what is None."""
    said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(printer))
    return {key: value for key, value in said.items() if value is not None}

"""The scanners of agent.toml, changed in its text; for `SettingsFile.rewrite`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from agent import settings_tables
from agent.config import ScannerSettings
from agent.settings_tables import Value

ARRAY = "scanners"
_ALWAYS = ("path", "identity", "use")


def added(text: str, scanner: ScannerSettings) -> str:
    """What is as usual is not written, but for whose it is."""
    said, usual = plain(scanner), plain(ScannerSettings())
    values = {key: value for key, value in said.items() if value and (key in _ALWAYS or value != usual.get(key))}
    return settings_tables.added(text, ARRAY, values)


def changed(text: str, scanner: ScannerSettings, changes: Mapping[str, Value | None]) -> str:
    """None takes a key out."""
    return settings_tables.changed(text, ARRAY, scanner.station, changes, _key(scanner))


def removed(text: str, scanner: ScannerSettings) -> str:
    return settings_tables.removed(text, ARRAY, scanner.station, _key(scanner))


def plain(scanner: ScannerSettings) -> dict[str, Value]:
    """As it is written, without what is None."""
    said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(scanner))
    return {key: value for key, value in said.items() if value is not None}


def _key(scanner: ScannerSettings) -> str:
    return "identity" if scanner.identity else "path"

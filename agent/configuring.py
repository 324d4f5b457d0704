"""One file that headquarters prepared for a store becomes its settings and, apart from them, its pairing code.

`store.toml` is an agent.toml with, if the store is to pair by itself, a table `[pairing]` of `hub` and `code`. The code
is a secret until it was used: it goes into pairing.toml, which `agent.enrolling` uses once and deletes.
"""

import tomllib
from functools import partial
from pathlib import Path

import msgspec
import tomlkit

from agent import config
from agent.config import BadConfig
from agent.errors import AgentError
from agent.pairing import hub_address, pairing_code
from agent.system import ownership, places
from agent.whole_file import write_whole
from domain.settings import BadSetting, read

PAIRING = "pairing.toml"
_HEAD = "# The agent pairs with this by itself, once, and then deletes the file.\n"


class CannotConfigure(AgentError):
    """The files could not be written; what was there is as it was."""


class Prepared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to pair, and with which one-time code."""

    hub: str
    code: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pairing: Prepared


class Configured(msgspec.Struct, frozen=True):
    """What was written; nothing where it was there already."""

    settings: bool
    pairing: bool


def configure(source: Path, target: Path, *, replace: bool = False, owner: str | None = None) -> Configured:
    """Writes `target`, and pairing.toml beside it, for the service's account.

    Settings that are there stay, whatever `source` says, unless `replace`. Run again it changes nothing more: the
    pairing is written first, so that settings without it mean that none was asked for or that it is done.
    Raises BadConfig, BadPairing or CannotConfigure; then nothing was written.
    """
    settings, prepared = split(_text(source), source)
    settings = _completed(settings, target)
    keep = target.exists() and not replace
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pairing = prepared is not None and _write(
            target.with_name(PAIRING), _HEAD + _toml(prepared), owner, private=True
        )
        return Configured(not keep and _write(target, settings, owner, private=False), pairing)
    except (OSError, LookupError) as error:
        raise CannotConfigure(
            f"{target.parent} cannot be written: {error}", hint="run it as administrator (root)"
        ) from error


def split(text: str, source: Path) -> tuple[str, Prepared | None]:
    """The settings with all their comments, and the pairing. Raises BadConfig, which names the file and the key."""
    try:
        document = tomlkit.parse(text.removeprefix("\ufeff"))
    except tomlkit.exceptions.TOMLKitError as error:
        raise BadConfig(f"{source} cannot be read: {error}") from error
    pairing = document.pop("pairing", None)
    settings = tomlkit.dumps(document)
    config.settings_of(settings, source)
    return settings, None if pairing is None else _prepared(pairing.unwrap(), source)


def _completed(settings: str, target: Path) -> str:
    """For the installed service, with what it needs on this system: said in the file, where everybody can see it."""
    if target != places.default_config():
        return settings
    document = tomlkit.parse(settings)
    for key, value in places.installed_settings().items():
        if key not in document:
            document[key] = value
    return tomlkit.dumps(document)


def read_pairing(path: Path) -> Prepared | None:
    """None where there is no such file, or an empty one. Raises BadConfig."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{path} cannot be read: {error}") from error
    return _prepared(values, path) if values else None


def _prepared(values: object, source: Path) -> Prepared:
    if not isinstance(values, dict):
        raise BadConfig(f"{source}: pairing: expected a table")
    try:
        prepared = read({"pairing": values}, _Table).pairing
        return Prepared(hub_address(prepared.hub), pairing_code(prepared.code))
    except BadSetting as error:
        raise BadConfig(f"{source}: {error}", hint=error.hint) from error
    except AgentError as error:
        raise BadConfig(f"{source}: pairing: {error}", hint=error.hint) from error


def _text(source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{source} cannot be read: {error}") from error


def _toml(prepared: Prepared) -> str:
    return tomlkit.dumps(msgspec.structs.asdict(prepared))


def _write(path: Path, text: str, owner: str | None, *, private: bool) -> bool:
    """Whole or not at all; False where the file says it already."""
    if path.exists() and path.read_bytes() == text.encode():
        return False
    write_whole(path, text.encode(), partial(ownership.create_for_service, owner=owner, private=private))
    return True

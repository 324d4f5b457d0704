"""The hub's secrets: DATA/secrets.toml, readable by its owner only, made at the first start."""

import os
import secrets as randomness
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from cloud.errors import HubError
from cloud.private_file import make_folder, write_private
from cloud.toml import quoted

FILE = "secrets.toml"
ERP_PASSWORD = "YAOLINK_ERP_PASSWORD"


class BadSecrets(HubError):
    """The secrets file cannot be used."""


class Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys are 32 bytes in hex. Losing `master_key` means losing what is known of every buyer; the file belongs in the
    backup, apart from the database. `session_key` marks the agents' tokens (`cloud.tokens`): with another one they
    begin new sessions, nothing else; several processes of one hub share it."""

    master_key: str
    audit_key: str
    operator_token: str
    channels: dict[str, str] = {}
    session_key: str = ""
    erp_password: str = ""


def load_or_make(folder: Path) -> Secrets:
    path = folder / FILE
    if not path.exists():
        make_folder(folder)
        made = Secrets(
            randomness.token_hex(32),
            randomness.token_hex(32),
            randomness.token_urlsafe(24),
            session_key=randomness.token_hex(32),
        )
        save(folder, made)
        return made
    known = load(folder)
    return known if known.session_key else _with_session_key(folder, known)


def _with_session_key(folder: Path, known: Secrets) -> Secrets:
    """A file of an older version."""
    completed = msgspec.structs.replace(known, session_key=randomness.token_hex(32))
    save(folder, completed)
    return completed


def load(folder: Path) -> Secrets:
    """Raises `BadSecrets`, also where others could read the file."""
    path = folder / FILE
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadSecrets(f"others can read {path}", hint=f"chmod 600 {path}")
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Secrets)
    except FileNotFoundError as error:
        raise BadSecrets(f"there is no {path}", hint="`yaolink-hub init` makes it") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSecrets(f"{path} cannot be used: {error}", hint="restore it from the backup") from error


def set_channel_secret(folder: Path, channel: str, secret: str) -> None:
    secrets = load_or_make(folder)
    save(folder, msgspec.structs.replace(secrets, channels={**secrets.channels, channel: secret}))


def set_erp_password(folder: Path, password: str) -> None:
    """Of the ERP's database."""
    save(folder, msgspec.structs.replace(load_or_make(folder), erp_password=password))


def erp_password(folder: Path) -> str | None:
    """As it is now: it may be changed while the hub runs. The environment goes first. Raises `BadSecrets`."""
    return os.environ.get(ERP_PASSWORD) or load(folder).erp_password or None


def save(folder: Path, secrets: Secrets) -> None:
    head = "# Made by yaolink-hub. Keep it secret, and keep a backup apart from the database.\n"
    write_private(folder / FILE, (head + _as_toml(secrets)).encode())


def _as_toml(secrets: Secrets) -> str:
    texts = {name: value for name, value in msgspec.structs.asdict(secrets).items() if isinstance(value, str)}
    return f"{_lines(texts)}\n[channels]\n{_lines(secrets.channels)}"


def _lines(texts: Mapping[str, str]) -> str:
    return "".join(f"{name} = {quoted(text)}\n" for name, text in texts.items())

"""The hub's settings: one TOML file with a dozen keys; `cloud/hub.toml` is the commented example that ships.

Secrets are never in it (`cloud.secrets`). An unknown key is refused with the nearest name, so that a misspelt one does
not silently fall back to its default.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from cloud.channels.meituan.settings import BASE_URL, PICTURE_HOSTS
from cloud.errors import HubError
from domain.settings import BadSetting, read
from erp.errors import BadMapping
from erp.settings import ErpSettings


class BadConfig(HubError):
    """The file cannot be used; the message names the key."""


class MeituanSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`base_url` is the platform's, or a simulator's. `callback_urls` (topic → URL) only where another one than
    PUBLIC_URL/channels/meituan/TOPIC is registered. `picture_hosts` is where prescription images may lie: a host with
    all below it, or one whole origin such as http://127.0.0.1:8700."""

    app_id: str
    base_url: str = BASE_URL
    callback_urls: dict[str, str] = {}
    picture_hosts: tuple[str, ...] = PICTURE_HOSTS


class OwnSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chain's own mini-program; `label` is what people in the store call it."""

    label: str = "小程序"


class ChannelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    meituan: MeituanSettings | None = None
    own: OwnSettings | None = None


class HubErpSettings(ErpSettings, frozen=True, forbid_unknown_fields=True):
    """And after how many minutes an unanswered document wants a person."""

    stuck_minutes: int = 30


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`database` is an SQLAlchemy URL; without it an SQLite file in `data`. `public_url` is where platforms and agents
    reach the hub: it is part of the signatures of platforms, so it is never derived from a request. `events_kept` and
    the two beside it are per log (`cloud.compaction`)."""

    chain: str = "main"
    name: str = "药联"
    data: str = "data"
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8600
    public_url: str | None = None
    not_applied_after_seconds: int = 60
    sweep_every_seconds: int = 180
    agents_a_second: int = 300
    events_kept_days: int = 30
    events_kept: int = 20_000
    events_kept_mb: int = 256
    channels: ChannelSettings = ChannelSettings()
    erp: HubErpSettings = HubErpSettings()

    @property
    def folder(self) -> Path:
        return Path(self.data)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.folder / 'hub.db'}"

    @property
    def registered_url(self) -> str:
        """Without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(path: Path) -> Settings:
    """Raises `BadConfig`. A relative `data` is meant from the file's folder."""
    try:
        settings = parse(tomllib.loads(path.read_text(encoding="utf-8").removeprefix("\ufeff")))
    except FileNotFoundError as error:
        raise BadConfig(f"there is no config file {path}", hint="`yaolink-hub init` writes one") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadConfig(f"{path} cannot be read: {error}") from error
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}", hint=error.hint) from error
    erp = settings.erp.within(path.parent)
    return msgspec.structs.replace(settings, data=str(path.parent / settings.data), erp=erp)


def parse(values: Mapping[str, object]) -> Settings:
    """Raises `BadConfig` for an unknown key, a wrong type and a value that cannot be."""
    try:
        settings = read(values, Settings)
    except BadSetting as error:
        raise BadConfig(str(error), hint=error.hint) from error
    _refuse_absurd(settings)
    return settings


_DATABASE_PASSWORD = "put it into the password file of the hub's account (~/.pgpass, or PGPASSFILE)"


def _refuse_absurd(settings: Settings) -> None:
    if not 0 <= settings.port <= 65535:
        raise BadConfig(f"port: {settings.port} is not between 0 and 65535")
    if settings.database is not None and urlsplit(settings.database).password is not None:
        raise BadConfig("database: a password does not belong in this file", hint=_DATABASE_PASSWORD)
    if settings.public_url is not None and not settings.public_url.startswith(("http://", "https://")):
        raise BadConfig(f"public_url: {settings.public_url!r} does not begin with http:// or https://")
    for key in ("not_applied_after_seconds", "sweep_every_seconds", "agents_a_second", "events_kept", "events_kept_mb"):
        if getattr(settings, key) < 1:
            raise BadConfig(f"{key}: expected at least 1")
    try:
        settings.erp.refuse_absurd("yaolink-hub")
    except BadMapping as error:
        raise BadConfig(str(error), hint=error.hint) from error
    if settings.erp.stuck_minutes < 1:
        raise BadConfig("erp.stuck_minutes: expected at least 1")
    if not settings.chain.strip():
        raise BadConfig("chain: expected a short name")

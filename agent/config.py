"""The agent's settings: one TOML file with a dozen keys; `agent/agent.toml` is the commented example that ships.

Secrets are never in it (`agent.secrets`).
"""

import difflib
import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from agent.errors import AgentError
from agent.voice import quiet_hours
from domain.settings import BadSetting, read
from domain.slips import SlipKind
from drivers.printers.base import Use
from drivers.printers.capability import Capabilities, Font
from drivers.scanners.base import Kind
from drivers.scanners.base import Use as ScannerUse
from erp.errors import BadMapping
from erp.settings import ErpSettings

_PROXY_WITHOUT_PASSWORD = (
    "let the proxy admit this computer by its address; one that asks for a password cannot be used"
)
COLUMNS = {58: (32,), 80: (48, 42)}
"""How many Latin letters stand in a line, by the paper's millimetres; what is usual stands first."""
_PRINTER_NAME = re.compile(r"(?!\.+$)[^/\\\x00-\x1f\x7f]{1,40}")
"""It is said aloud, shown, and part of paths of the local API."""
_LONGEST_NAME = 40
_NAMED = "1 to 40 characters, no slash, no blanks at its ends"
_URL = re.compile(r"https?://[^\s;,'\"]+")


class BadConfig(AgentError):
    """The file cannot be used; the message names the key."""


class Language(StrEnum):
    CHINESE = "zh"
    ENGLISH = "en"


class SecretsPlace(StrEnum):
    """Where the device keys and the master key are kept: chosen, never guessed (facts/packaging.md §3)."""

    KEYRING = "keyring"
    FILE = "file"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


class VoicePlayer(StrEnum):
    """Who speaks. AUTO: the tray while it runs, else the service, else the page; one voice at a time."""

    AUTO = "auto"
    SERVICE = "service"
    TRAY = "tray"
    PAGE = "page"
    OFF = "off"


class VoiceSpeech(StrEnum):
    """Clips that ship with the program, or the system's own speech."""

    PACKAGED = "packaged"
    SYSTEM = "system"


class VoiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`volume` is 0 to 100. `quiet` are spans of China's time such as "22:00-07:00" in which nothing is spoken."""

    player: VoicePlayer = VoicePlayer.AUTO
    speech: VoiceSpeech = VoiceSpeech.PACKAGED
    volume: int = 80
    repeat_seconds: int = 20
    quiet: tuple[str, ...] = ()


class KeepSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days what is over stays on this computer; headquarters keeps it for as long as the law wants."""

    orders_days: int = 180
    persons_days: int = 30
    outbox_days: int = 30


class PrinterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`paper` is the width of the roll in millimetres, `columns` how many Latin letters stand in a line (None: what is
    usual for the paper). `prints` are the kinds of slips it takes (empty: all), `backup` the printer that takes over
    what it cannot print. `font` and `qr` are what a person saw on the test slip: which characters the printer has
    itself, and whether its own QR codes come out. `paper_url` is a picture of what a virtual printer printed last."""

    name: str
    address: str
    paper: Literal[58, 80] = 80
    columns: Literal[32, 42, 48] | None = None
    use: Use = Use.SHARED
    prints: tuple[SlipKind, ...] = ()
    backup: str | None = None
    font: Font = Font.GBK
    qr: Literal["native", "drawn"] = "native"
    paper_url: str | None = None

    def able(self, told: Capabilities) -> Capabilities:
        """What the printer told together with what only a person can see."""
        return msgspec.structs.replace(told, font=self.font, native_qr=self.qr == "native")


class ScannerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scanner, by its `path` or by its `identity` (drivers.scanners.attached), which follows it to another port.
    `use`: OURS is read by us alone, a SHARED one by nobody of us but the picking page, as far as it types. `speed` is
    that of its line in baud (None: found by itself)."""

    path: str = ""
    identity: str = ""
    name: str = ""
    kind: Kind = Kind.SERIAL
    use: ScannerUse = ScannerUse.OURS
    speed: int | None = None

    @property
    def station(self) -> str:
        """What it is called wherever its scans are kept."""
        return self.identity or self.path


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    data: str = "data"
    page_port: int = 8640
    language: Language = Language.CHINESE
    secrets: SecretsPlace = SecretsPlace.KEYRING
    proxy: str | None = None
    ca_file: str | None = None
    log_level: LogLevel = LogLevel.INFO
    voice: VoiceSettings = VoiceSettings()
    keep: KeepSettings = KeepSettings()
    printers: tuple[PrinterSettings, ...] = ()
    scanners: tuple[ScannerSettings, ...] = ()
    erp: ErpSettings = ErpSettings()

    @property
    def folder(self) -> Path:
        return Path(self.data)


def load(path: Path) -> Settings:
    """Raises `BadConfig`. A relative `data` or `ca_file` is meant from the file's folder."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadConfig(f"there is no config file {path}", hint="copy agent.toml, which ships with it") from error
    except (UnicodeDecodeError, OSError) as error:
        raise BadConfig(f"{path} cannot be read: {error}") from error
    return settings_of(text, path)


def settings_of(text: str, path: Path) -> Settings:
    """What the file at `path` would mean with this text. Raises `BadConfig`, which names the file."""
    try:
        settings = parse(tomllib.loads(text.removeprefix("\ufeff")))  # Windows' older editor begins files with it
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path} cannot be read: {error}") from error
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}", hint=error.hint) from error
    ca_file = settings.ca_file and str(path.parent / settings.ca_file)
    erp = settings.erp.within(path.parent)
    return msgspec.structs.replace(settings, data=str(path.parent / settings.data), ca_file=ca_file, erp=erp)


def parse(values: Mapping[str, object]) -> Settings:
    """Raises `BadConfig` for an unknown key, a wrong type and a value that cannot be."""
    if "pairing" in values:
        raise BadConfig("[pairing] does not belong in agent.toml", hint="`yaolink-agent configure --from` takes it out")
    try:
        settings = read(values, Settings)
    except BadSetting as error:
        raise BadConfig(str(error), hint=error.hint) from error
    _refuse_absurd(settings)
    return settings


def printer(values: Mapping[str, object]) -> PrinterSettings:
    """One entry of `[[printers]]`, not yet held against the others. Raises `BadConfig`."""
    try:
        return read(values, PrinterSettings)
    except BadSetting as error:
        raise BadConfig(f"printers.{error}", hint=error.hint) from error


def _refuse_absurd(settings: Settings) -> None:
    if not 0 <= settings.page_port <= 65535:
        raise BadConfig(f"page_port: {settings.page_port} is not between 0 and 65535")
    if settings.proxy is not None and "@" in settings.proxy:
        raise BadConfig("proxy: a name and password do not belong in this file", hint=_PROXY_WITHOUT_PASSWORD)
    _refuse_absurd_voice(settings.voice)
    _refuse_absurd_erp(settings.erp)
    _refuse_absurd_keeping(settings.keep)
    _refuse_no_url("proxy", settings.proxy)
    refuse_absurd_scanners(settings.scanners)
    refuse_absurd_printers(settings.printers)


def scanner(values: Mapping[str, object]) -> ScannerSettings:
    """One entry of `[[scanners]]`, not yet held against the others. Raises `BadConfig`."""
    try:
        return read(values, ScannerSettings)
    except BadSetting as error:
        raise BadConfig(f"scanners.{error}", hint=error.hint) from error


def refuse_absurd_scanners(scanners: Sequence[ScannerSettings]) -> None:
    """Raises `BadConfig` for what no table of scanners may say."""
    for scanner in scanners:
        if bool(scanner.path) == bool(scanner.identity):
            raise BadConfig("scanners: path or identity, one of the two", hint="`yaolink-agent scanner list` says both")
        if scanner.speed is not None and not 300 <= scanner.speed <= 921_600:
            raise BadConfig(f"scanners.speed: {scanner.speed} is no speed of a serial line", hint="9600 is the usual")
        if len(scanner.name) > _LONGEST_NAME:
            raise BadConfig(f"scanners.name: over {_LONGEST_NAME} characters")
    _refuse_twice("scanners.path", [scanner.path for scanner in scanners if scanner.path])
    _refuse_twice("scanners.identity", [scanner.identity for scanner in scanners if scanner.identity])


def refuse_absurd_printers(printers: Sequence[PrinterSettings]) -> None:
    """Raises `BadConfig` for what no table of printers may say."""
    _refuse_twice("printers.name", [printer.name for printer in printers])
    for printer in printers:
        _refuse_no_url("printers.paper_url", printer.paper_url)
        _refuse_absurd_printer(printer, printers)
    _refuse_two_at_one_address(printers)


def _refuse_no_url(key: str, url: str | None) -> None:
    if url is not None and not _URL.fullmatch(url):
        raise BadConfig(f"{key}: {url!r} is no address that begins with http:// or https://")


def _refuse_twice(key: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadConfig(f"{key}: {twice!r} is there twice")


def _refuse_absurd_printer(printer: PrinterSettings, all_of_them: Sequence[PrinterSettings]) -> None:
    if not _PRINTER_NAME.fullmatch(printer.name) or printer.name.strip() != printer.name:
        raise BadConfig(f"printers.name: {printer.name!r} cannot be a name", hint=_NAMED)
    if printer.columns is not None and printer.columns not in COLUMNS[printer.paper]:
        fitting = " or ".join(map(str, COLUMNS[printer.paper]))
        raise BadConfig(
            f"printers.columns: {printer.columns} do not fit {printer.paper} mm paper ({printer.name})",
            hint=f"{fitting} do; leave it out for what is usual",
        )
    if printer.backup == printer.name:
        raise BadConfig(f"printers.backup: {printer.name!r} cannot stand in for itself")
    names = [other.name for other in all_of_them]
    if printer.backup is not None and printer.backup not in names:
        near = difflib.get_close_matches(printer.backup, names, n=1, cutoff=0.5)
        raise BadConfig(
            f"printers.backup: there is no printer {printer.backup!r} ({printer.name})",
            hint=f"did you mean {near[0]}?" if near else "it is the name of another printer",
        )


def _refuse_two_at_one_address(printers: Sequence[PrinterSettings]) -> None:
    """One printer has one owner. How an address may be written, the drivers know."""
    if len(printers) < 2:
        return
    from drivers.printers.same_place import same_place  # slow, and most stores have one printer

    for one, other in itertools.combinations(printers, 2):
        if same_place(one.address, other.address):
            raise BadConfig(
                f"printers.address: {one.name!r} and {other.name!r} are both at {other.address}",
                hint="one table for each printer; `prints` says what it takes",
            )


def _refuse_absurd_erp(erp: ErpSettings) -> None:
    try:
        erp.refuse_absurd("yaolink-agent")
    except BadMapping as error:
        raise BadConfig(str(error), hint=error.hint) from error


def _refuse_absurd_keeping(keep: KeepSettings) -> None:
    for key, days in msgspec.structs.asdict(keep).items():
        if not 7 <= days <= 3650:
            raise BadConfig(f"keep.{key}: {days} is not between 7 and 3650 days")
    if keep.persons_days > keep.orders_days:
        raise BadConfig("keep.persons_days: longer than keep.orders_days", hint="a person is known by an order only")


def _refuse_absurd_voice(voice: VoiceSettings) -> None:
    for key, number, least, most in (
        ("voice.volume", voice.volume, 0, 100),
        ("voice.repeat_seconds", voice.repeat_seconds, 5, 600),
    ):
        if not least <= number <= most:
            raise BadConfig(f"{key}: {number} is not between {least} and {most}")
    for span in voice.quiet:
        try:
            quiet_hours.parse(span)
        except ValueError as error:
            raise BadConfig(f"voice.quiet: {error}", hint='write it as "22:00-07:00"') from error

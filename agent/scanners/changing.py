"""Taking and leaving scanners at a person's wish: written into agent.toml, and followed at once."""

from collections.abc import Mapping

from agent import config, slips
from agent.config import BadConfig, ScannerSettings
from agent.documents import scanner_sheet
from agent.errors import NotFound, NotNow
from agent.parts import Parts
from agent.scanners import known, scanner_settings
from agent.settings_tables import Value
from domain.slips import SlipKind
from drivers.scanners.base import Kind, Use
from drivers.system import hid

CHANGEABLE = ("name", "use", "speed")


async def add(parts: Parts, scanner: ScannerSettings) -> None:
    """Raises BadConfig, NotWritable, NotNow."""
    config.refuse_absurd_scanners((*parts.settings.scanners, scanner))
    _refuse_what_cannot_be_ours(scanner)
    await parts.settings_now.rewrite(
        lambda text: scanner_settings.added(text, scanner), f"scanner {scanner.station} is added"
    )


async def change(parts: Parts, station: str, changes: Mapping[str, Value | None]) -> None:
    """None takes a key out. Raises as `add`, and NotFound."""
    before = of(parts, station)
    for key in changes:
        if key not in CHANGEABLE:
            raise BadConfig(f"{key}: not to be changed here", hint=f"one of {', '.join(CHANGEABLE)}")
    values = {**scanner_settings.plain(before), **changes}
    after = config.scanner({key: value for key, value in values.items() if value is not None})
    others = (each for each in parts.settings.scanners if each.station != station)
    config.refuse_absurd_scanners((*others, after))
    _refuse_what_cannot_be_ours(after)
    await parts.settings_now.rewrite(
        lambda text: scanner_settings.changed(text, before, changes), f"scanner {station}: {', '.join(changes)}"
    )


async def remove(parts: Parts, station: str) -> None:
    """Raises BadConfig, NotWritable, NotFound."""
    scanner = of(parts, station)
    await parts.settings_now.rewrite(
        lambda text: scanner_settings.removed(text, scanner), f"scanner {station} is removed"
    )


async def forget_reads(parts: Parts, station: str) -> None:
    """The set-up sheet is read anew."""
    await parts.work.awrite(lambda tx: known.forget_reads(tx, station))


async def print_sheet(parts: Parts, printer: str) -> str:
    """The id of the slip, which expires soon: whoever asked stands beside it. Raises NotFound, NotNow."""
    if parts.printers.by_name(printer).paused:
        raise NotNow(f"打印机“{printer}”已暂停，先恢复再打印", hint="resume it first")
    return await parts.work.awrite(
        lambda tx: slips.want(tx, SlipKind.TEST, subject=scanner_sheet.SUBJECT, pinned=printer)
    )


def of(parts: Parts, station: str) -> ScannerSettings:
    """As it stands in the settings in force. Raises NotFound."""
    for scanner in parts.settings.scanners:
        if scanner.station == station:
            return scanner
    raise NotFound(f"没有这把扫码枪：{station}")


def _refuse_what_cannot_be_ours(scanner: ScannerSettings) -> None:
    if scanner.kind is Kind.HID and scanner.use is Use.OURS and not hid.AVAILABLE:
        raise NotNow(
            "本系统不能独占键盘式扫码枪，请把它设成串口模式，或保持共用",
            hint="set it to its serial mode, or leave it shared: the picking page hears it",
        )

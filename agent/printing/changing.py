"""Adding, changing and removing printers at a person's wish: looked at first, then written into agent.toml, and
followed at once."""

import asyncio
from collections.abc import Mapping

import msgspec

from agent import config, printer_settings
from agent.config import BadConfig, PrinterSettings
from agent.errors import NotFound, NotNow
from agent.parts import Parts
from agent.printing import known
from agent.printing.trying import Heard, hear
from agent.settings_tables import Value
from drivers.printers.same_place import same_place

CHANGEABLE = ("name", "address", "paper", "columns", "use", "prints", "backup", "font", "qr")


class NotReached(NotNow):
    """Nobody answers there. It may be added all the same: it may be switched off for now."""


class AlreadyOurs(NotNow):
    """One printer has one owner."""


async def try_address(parts: Parts, address: str) -> Heard:
    """Raises BadAddress, and AlreadyOurs for a printer that we hold ourselves."""
    for printer in parts.settings.printers:
        if same_place(printer.address, address):
            raise AlreadyOurs(f"这个地址已经是打印机“{printer.name}”")
    return await asyncio.to_thread(hear, address)


async def add(parts: Parts, printer: PrinterSettings, *, anyway: bool) -> Heard:
    """Raises BadConfig, BadAddress, NotWritable, AlreadyOurs, and NotReached unless `anyway`."""
    config.refuse_absurd_printers((*parts.settings.printers, printer))
    heard = await _reached(parts, printer.address, anyway)
    await _keep(parts, printer.name, heard)
    await parts.settings_now.rewrite(
        lambda text: printer_settings.added(text, printer), f"printer {printer.name} is added"
    )
    return heard


async def change(parts: Parts, name: str, changes: Mapping[str, Value | None], *, anyway: bool) -> None:
    """None takes a key out. Raises as `add`, and NotFound."""
    before = of(parts, name)
    after = _changed(before, changes)
    config.refuse_absurd_printers(_all_after(parts, name, after))
    if not same_place(before.address, after.address):
        await _keep(parts, name, await _reached(parts, after.address, anyway))
    await parts.settings_now.rewrite(
        lambda text: printer_settings.changed(text, name, changes), f"printer {name}: {', '.join(changes)}"
    )


async def remove(parts: Parts, name: str) -> None:
    """Its unsent slips go to whoever prints their kind. Raises BadConfig, NotWritable, NotFound."""
    of(parts, name)
    await parts.settings_now.rewrite(lambda text: printer_settings.removed(text, name), f"printer {name} is removed")


def of(parts: Parts, name: str) -> PrinterSettings:
    """As it stands in the settings in force. Raises NotFound."""
    for printer in parts.settings.printers:
        if printer.name == name:
            return printer
    raise NotFound(f"没有这台打印机：{name}")


async def _reached(parts: Parts, address: str, anyway: bool) -> Heard:
    heard = await try_address(parts, address)
    if not heard.reachable and not anyway:
        raise NotReached(f"连不上打印机 {address}（{heard.message}）", hint=heard.hint)
    return heard


async def _keep(parts: Parts, name: str, heard: Heard) -> None:
    """What it told is known before its own thread first connects."""
    capabilities = heard.capabilities
    if capabilities is not None:
        await parts.work.awrite(lambda tx: known.probed(tx, name, heard.address, capabilities, heard.identity))


def _changed(printer: PrinterSettings, changes: Mapping[str, Value | None]) -> PrinterSettings:
    """Raises BadConfig."""
    for key in changes:
        if key not in CHANGEABLE:
            raise BadConfig(f"{key}: not to be changed here", hint=f"one of {', '.join(CHANGEABLE)}")
    values = {**printer_settings.plain(printer), **changes}
    return config.printer({key: value for key, value in values.items() if value is not None})


def _all_after(parts: Parts, name: str, after: PrinterSettings) -> tuple[PrinterSettings, ...]:
    """The whole table as it would be; those whom it stands in for know it by its new name."""

    def read_anew(printer: PrinterSettings) -> PrinterSettings:
        if printer.name == name:
            return after
        return msgspec.structs.replace(printer, backup=after.name) if printer.backup == name else printer

    return tuple(map(read_anew, parts.settings.printers))

"""The printers over the local API (docs/local-api.md)."""

import logging
from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from agent.access.guard import CALLER
from agent.config import PrinterSettings
from agent.parts import Parts
from agent.printing import asking, changing, listing
from agent.printing.listing import PrintersNow, SlipNow
from agent.printing.trying import Heard
from agent.settings_tables import Value
from drivers.printers import drawer
from drivers.printers.capability import Capabilities
from drivers.printers.drawer import Pin

log = logging.getLogger(__name__)

MOST_SLIPS = 200
Asked = Request[object, object, State]


class AddBody(PrinterSettings, frozen=True, forbid_unknown_fields=True):
    """`anyway`: though nobody answers there now."""

    anyway: bool = False


class ChangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys as agent.toml has them; null takes one out. `anyway` as in `AddBody`."""

    changes: dict[str, Value | None]
    anyway: bool = False


class TryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: str


class DrawerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pin: Pin = 2
    on_ms: Annotated[int, msgspec.Meta(ge=2, le=510)] = 100
    off_ms: Annotated[int, msgspec.Meta(ge=2, le=510)] = 200


class BuzzBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    times: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    tenths: Annotated[int, msgspec.Meta(ge=1, le=9)] = 2


class Wanted(msgspec.Struct, frozen=True):
    slip_id: str


@get("/api/printers")
async def get_printers(parts: NamedDependency[Parts]) -> PrintersNow:
    return await listing.printers(parts)


@get("/api/slips")
async def get_slips(
    parts: NamedDependency[Parts], printer: FromQuery[str] = "", limit: FromQuery[int] = 20
) -> tuple[SlipNow, ...]:
    """The newest first, `MOST_SLIPS` at most."""
    most = max(1, min(limit, MOST_SLIPS))
    return await parts.work.aread(lambda reading: listing.slips(reading, printer, most))


@post("/api/printers/try", status_code=200)
async def try_address(parts: NamedDependency[Parts], data: JSONBody[TryBody]) -> Heard:
    return await changing.try_address(parts, data.address)


@post("/api/printers", status_code=200)
async def add_printer(parts: NamedDependency[Parts], data: JSONBody[AddBody]) -> Heard:
    settings = {name: getattr(data, name) for name in PrinterSettings.__struct_fields__}
    return await changing.add(parts, PrinterSettings(**settings), anyway=data.anyway)


@post("/api/printers/{name:str}/change", status_code=200)
async def change_printer(parts: NamedDependency[Parts], name: FromPath[str], data: JSONBody[ChangeBody]) -> PrintersNow:
    await changing.change(parts, name, data.changes, anyway=data.anyway)
    return await listing.printers(parts)


@post("/api/printers/{name:str}/remove", status_code=200)
async def remove_printer(parts: NamedDependency[Parts], name: FromPath[str]) -> PrintersNow:
    await changing.remove(parts, name)
    return await listing.printers(parts)


@post("/api/printers/{name:str}/pause", status_code=200)
async def pause_printer(parts: NamedDependency[Parts], name: FromPath[str]) -> PrintersNow:
    await asking.pause(parts, name, True)
    return await listing.printers(parts)


@post("/api/printers/{name:str}/resume", status_code=200)
async def resume_printer(parts: NamedDependency[Parts], name: FromPath[str]) -> PrintersNow:
    await asking.pause(parts, name, False)
    return await listing.printers(parts)


@post("/api/printers/{name:str}/test", status_code=200)
async def print_test_slip(parts: NamedDependency[Parts], name: FromPath[str]) -> Wanted:
    return Wanted(await asking.test(parts, name))


@post("/api/printers/{name:str}/probe", status_code=200)
async def probe_printer(parts: NamedDependency[Parts], name: FromPath[str]) -> Capabilities:
    return await asking.ask(parts, name)


@post("/api/printers/{name:str}/drawer", status_code=200)
async def open_drawer(
    parts: NamedDependency[Parts], name: FromPath[str], data: JSONBody[DrawerBody], request: Asked
) -> PrintersNow:
    await asking.command(parts, name, drawer.kick(data.pin, data.on_ms, data.off_ms))
    log.info("the drawer at printer %s is opened, asked by %s", name, request.state[CALLER])
    return await listing.printers(parts)


@post("/api/printers/{name:str}/buzz", status_code=200)
async def buzz(
    parts: NamedDependency[Parts], name: FromPath[str], data: JSONBody[BuzzBody], request: Asked
) -> PrintersNow:
    await asking.command(parts, name, drawer.buzz(data.times, data.tenths))
    log.info("printer %s beeps, asked by %s", name, request.state[CALLER])
    return await listing.printers(parts)


HANDLERS = [
    get_printers,
    get_slips,
    try_address,
    add_printer,
    change_printer,
    remove_printer,
    pause_printer,
    resume_printer,
    print_test_slip,
    probe_printer,
    open_drawer,
    buzz,
]

"""The scanners over the local API (docs/local-api.md). A station is no part of a path: it may hold slashes."""

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.config import ScannerSettings
from agent.parts import Parts
from agent.scanners import changing, listing
from agent.scanners.listing import ScannersNow
from agent.settings_tables import Value


class ChangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys as agent.toml has them; null takes one out."""

    station: str
    changes: dict[str, Value | None]


class StationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    station: str


class SheetBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    printer: str


class Wanted(msgspec.Struct, frozen=True):
    slip_id: str


@get("/api/scanners")
async def get_scanners(parts: NamedDependency[Parts]) -> ScannersNow:
    return await listing.scanners(parts)


@post("/api/scanners", status_code=200)
async def add_scanner(parts: NamedDependency[Parts], data: JSONBody[ScannerSettings]) -> ScannersNow:
    await changing.add(parts, data)
    return await listing.scanners(parts)


@post("/api/scanners/change", status_code=200)
async def change_scanner(parts: NamedDependency[Parts], data: JSONBody[ChangeBody]) -> ScannersNow:
    await changing.change(parts, data.station, data.changes)
    return await listing.scanners(parts)


@post("/api/scanners/remove", status_code=200)
async def remove_scanner(parts: NamedDependency[Parts], data: JSONBody[StationBody]) -> ScannersNow:
    await changing.remove(parts, data.station)
    return await listing.scanners(parts)


@post("/api/scanners/forget", status_code=200)
async def forget_reads(parts: NamedDependency[Parts], data: JSONBody[StationBody]) -> ScannersNow:
    """How it read the set-up sheet."""
    await changing.forget_reads(parts, data.station)
    return await listing.scanners(parts)


@post("/api/scanners/sheet", status_code=200)
async def print_sheet(parts: NamedDependency[Parts], data: JSONBody[SheetBody]) -> Wanted:
    return Wanted(await changing.print_sheet(parts, data.printer))


HANDLERS = [get_scanners, add_scanner, change_scanner, remove_scanner, forget_reads, print_sheet]

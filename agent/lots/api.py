"""Stock by lot over the local API."""

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from agent.catalogue import lookup_in
from agent.errors import NotNow
from agent.lots import moving
from agent.lots.listing import Listing, listing
from agent.lots.moving import Wanted
from agent.parts import Parts
from agent.staff import stations
from agent.staff.api import Station
from domain.days import NotADay, read_day
from domain.operations import MoveKind
from domain.quantity import Quantity


class MoveBody(msgspec.Struct, forbid_unknown_fields=True):
    """`apart`: out of quarantine. `expiry`: of a lot that counting found, as printed."""

    kind: MoveKind
    sku: str
    lot: str
    quantity: Quantity
    reason: str
    apart: bool = False
    expiry: str = ""


class LotMovedHere(msgspec.Struct, frozen=True):
    move_id: str


@get("/api/lots")
async def get_lots(parts: NamedDependency[Parts], find: FromQuery[str] = "", soon: FromQuery[bool] = False) -> Listing:
    lookup = lookup_in(parts.cache)
    return await parts.work.aread(lambda reading: listing(reading, lookup, find, soon=soon))


@post("/api/lots/move", status_code=200)
async def move_lot(parts: NamedDependency[Parts], station: Station, data: JSONBody[MoveBody]) -> LotMovedHere:
    lookup, wanted = lookup_in(parts.cache), _wanted(data)
    move_id = await parts.work.awrite(lambda tx: moving.move(tx, wanted, stations.worker(tx, station), lookup))
    return LotMovedHere(move_id)


def _wanted(data: MoveBody) -> Wanted:
    try:
        day, month_only = read_day(data.expiry) if data.expiry.strip() else (None, False)
    except NotADay as error:
        raise NotNow(str(error)) from error
    return Wanted(data.kind, data.sku, data.lot, data.quantity, data.reason, data.apart, day, month_only)


HANDLERS = [get_lots, move_lot]

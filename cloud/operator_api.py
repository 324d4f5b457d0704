"""The operator's API: JSON for programs and for the pages' buttons. Nothing changes on GET.

Whoever asks carries the operator's token: as Bearer, or in the cookie that logging in on the page sets.
"""

from typing import Annotated

import msgspec
from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from cloud import recalls_api
from cloud.codes import api as codes_api
from cloud.desk import Desk, PushSeen
from cloud.dossier import Asked, Files
from cloud.erp import operator as erp_operator
from cloud.fleet import api as fleet_api
from cloud.gate import operators_only
from cloud.load import ChainFile
from cloud.pairing_list import PairingList, WantedCodes, as_csv
from cloud.people import api as people_api
from cloud.prescriptions import api as prescriptions_api
from cloud.received import Accepted, PushState
from cloud.rejections import Rejection
from cloud.set_aside import api as set_aside_api
from cloud.slip_templates import ChainTemplates
from cloud.switching import Switch
from cloud.views.exceptions import ExceptionRow
from cloud.views.order import OrderView
from cloud.views.orders import PAGE, Board, Wanted
from cloud.views.pushes import PushView
from cloud.views.stores import StoreView
from cloud.views.untold import Untold
from domain.exceptions import Choice
from domain.orders import OrderState
from domain.quantity import Quantity

AtDesk = NamedDependency[Desk]
LARGEST_CHAIN = 256 << 20
EVENT_STREAM = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Settlement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`found`: for FOUND, how much of each line is there (line id → thousandths of a unit)."""

    choice: Choice
    found: dict[int, Quantity] = {}


class Revocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: str = "revoked by headquarters"


class Switched(msgspec.Struct, frozen=True):
    """The stores that were in the other mode before."""

    stores: tuple[str, ...]


class PairingCode(msgspec.Struct, frozen=True):
    store: str
    code: str


@get("/orders")
async def orders(
    desk: AtDesk,
    store: FromQuery[str | None] = None,
    order_state: Annotated[OrderState | None, QueryParameter(name="state")] = None,
    channel: FromQuery[str | None] = None,
    day_number: FromQuery[int | None] = None,
    open: FromQuery[bool] = False,
    before: FromQuery[str | None] = None,
    limit: FromQuery[int] = PAGE,
) -> Board:
    return await desk.board(Wanted(store, order_state, channel, day_number, open, before, limit))


@get("/orders/{order_id:str}")
async def order(desk: AtDesk, order_id: FromPath[str]) -> OrderView:
    return await desk.order(order_id)


@post("/orders/{order_id:str}/erase", status_code=204)
async def erase(desk: AtDesk, order_id: FromPath[str]) -> None:
    await desk.erase(order_id)


@post("/orders/{order_id:str}/dossier", status_code=200)
async def take_dossier(desk: AtDesk, order_id: FromPath[str], data: JSONBody[Asked]) -> Files:
    """The audit file of one order, as JSON and PDF, both in base 64. That it was taken stands in the audit."""
    return await desk.dossier(order_id, data)


@post("/chain", status_code=204, request_max_body_size=LARGEST_CHAIN)
async def load(desk: AtDesk, data: JSONBody[ChainFile]) -> None:
    await desk.load(data)


@get("/stores")
async def stores(desk: AtDesk) -> tuple[StoreView, ...]:
    return await desk.stores()


@post("/stores/{store:str}/pairing-code")
async def pairing_code(desk: AtDesk, store: FromPath[str]) -> PairingCode:
    return PairingCode(store, await desk.pairing_code(store))


@post("/pairing-codes", status_code=200)
async def pairing_codes(desk: AtDesk, data: JSONBody[WantedCodes]) -> PairingList:
    return await desk.pairing_list(data)


@post("/pairing-list", status_code=200, media_type="text/csv; charset=utf-8")
async def pairing_table(desk: AtDesk, data: JSONBody[WantedCodes]) -> bytes:
    """The same as a table for Excel."""
    return as_csv((await desk.pairing_list(data)).codes, desk.hub_url)


@post("/mode", status_code=200)
async def mode(desk: AtDesk, data: JSONBody[Switch]) -> Switched:
    """Answered once no call of a store that is in shadow now is under way."""
    return Switched(await desk.switch(data))


@get("/untold")
async def untold(desk: AtDesk, store: FromQuery[str | None] = None) -> tuple[Untold, ...]:
    return await desk.untold(store)


@get("/slip-templates")
async def slip_templates(desk: AtDesk) -> ChainTemplates:
    return ChainTemplates(await desk.slip_templates())


@put("/slip-templates", status_code=204)
async def set_slip_templates(desk: AtDesk, data: JSONBody[ChainTemplates]) -> None:
    """Every store is told; its unsent slips follow."""
    await desk.set_slip_templates(data.templates)


@post("/stores/{store:str}/revoke", status_code=204)
async def revoke(desk: AtDesk, store: FromPath[str], data: JSONBody[Revocation]) -> None:
    await desk.revoke(store, data.why)


@post("/stores/{store:str}/unfreeze", status_code=204)
async def unfreeze(desk: AtDesk, store: FromPath[str]) -> None:
    await desk.unfreeze(store)


@get("/exceptions")
async def exceptions(desk: AtDesk) -> tuple[ExceptionRow, ...]:
    return await desk.exceptions()


@post("/exceptions/{exception_id:str}/settle", status_code=204)
async def settle(desk: AtDesk, exception_id: FromPath[str], data: JSONBody[Settlement]) -> None:
    await desk.settle(exception_id, data.choice, data.found)


@get("/pushes")
async def pushes(
    desk: AtDesk, push_state: Annotated[PushState, QueryParameter(name="state")] = PushState.NEEDS_PERSON
) -> tuple[PushView, ...]:
    return await desk.pushes(push_state)


@post("/pushes/{push_id:str}/again", status_code=200)
async def push_again(desk: AtDesk, push_id: FromPath[str]) -> Accepted:
    return await desk.push_again(push_id)


@post("/pushes/{push_id:str}/settled", status_code=204)
async def push_settled(desk: AtDesk, push_id: FromPath[str]) -> None:
    await desk.push_settled(push_id)


@get("/pushes/{push_id:str}/raw")
async def push_raw(desk: AtDesk, push_id: FromPath[str]) -> PushSeen:
    """Who reads it is written to the audit: it may say anything about a person."""
    return await desk.push_raw(push_id)


@get("/rejections")
async def rejections(desk: AtDesk) -> tuple[Rejection, ...]:
    return desk.rejections()


@get("/activity")
async def activity(desk: AtDesk) -> Stream:
    return Stream(desk.activity(), media_type="text/event-stream", headers=EVENT_STREAM)


HANDLERS = [
    orders,
    order,
    take_dossier,
    erase,
    load,
    stores,
    pairing_code,
    pairing_codes,
    pairing_table,
    mode,
    untold,
    slip_templates,
    set_slip_templates,
    revoke,
    unfreeze,
    exceptions,
    settle,
    pushes,
    push_again,
    push_settled,
    push_raw,
    rejections,
    activity,
]


def router() -> Router:
    beside = (codes_api, erp_operator, fleet_api, people_api, prescriptions_api, recalls_api, set_aside_api)
    return Router(
        "/api",
        route_handlers=[*HANDLERS, *(handler for part in beside for handler in part.HANDLERS)],
        guards=[operators_only],
    )

"""The local API: what the page, the tray, the command line and other programs of this computer may ask and do.

Reading never changes anything; each change is one transaction of the core. The guard has judged the request before.
"""

from collections.abc import AsyncIterator, Callable

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from agent import board, preview, slips, stock
from agent.board import Card
from agent.changes import Changes
from agent.order_view import OrderView, order_view
from agent.pairing import KeyChanged, Paired
from agent.parts import Parts
from agent.state import StateView, state
from agent.transactions import Transaction
from domain.operations import SaleLine
from domain.quantity import Quantity


class PairBody(msgspec.Struct, forbid_unknown_fields=True):
    hub: str
    code: str


class ResolveBody(msgspec.Struct, forbid_unknown_fields=True):
    printed: bool


class SaleBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: tuple[SaleLine, ...]


class CountBody(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    counted: Quantity
    reason: str


class BoardAnswer(msgspec.Struct, frozen=True):
    now: int
    cards: tuple[Card, ...]


class Preview(msgspec.Struct, frozen=True):
    slip_id: str
    text: str


class Sale(msgspec.Struct, frozen=True):
    sale_id: str


class Reprinted(msgspec.Struct, frozen=True):
    """The marked reprint (补打) on its way."""

    slip_id: str


class Done(msgspec.Struct, frozen=True):
    done: bool = True


@get("/health", sync_to_thread=False)
def health() -> Done:
    return Done()


@get("/api/state")
async def get_state(parts: NamedDependency[Parts]) -> StateView:
    return await state(parts)


@get("/api/board")
async def get_board(parts: NamedDependency[Parts], find: FromQuery[str] = "") -> BoardAnswer:
    shown = await parts.work.aread(board.board)
    cards = await parts.work.aread(lambda reading: board.find(reading, find)) if find.strip() else shown.cards
    return BoardAnswer(shown.now, cards)


@get("/api/orders/{order_id:str}")
async def get_order(parts: NamedDependency[Parts], order_id: FromPath[str]) -> OrderView:
    return await parts.work.aread(lambda reading: order_view(reading, order_id))


@get("/api/slips/{slip_id:str}/preview")
async def get_slip(parts: NamedDependency[Parts], slip_id: FromPath[str]) -> Preview:
    text = await parts.work.aread(lambda reading: preview.text(reading, slips.get(reading, slip_id)))
    return Preview(slip_id, text)


@get("/api/changes", sync_to_thread=False)
def get_changes(parts: NamedDependency[Parts]) -> Stream:
    return Stream(_frames(parts.changes), media_type="text/event-stream; charset=utf-8")


async def _frames(changes: Changes) -> AsyncIterator[bytes]:
    async for happened in changes.listen():
        yield b"event: " + happened.event.encode() + b"\ndata: " + happened.data + b"\n\n"


@post("/api/pair", status_code=200)
async def pair(parts: NamedDependency[Parts], data: JSONBody[PairBody]) -> Paired:
    return await parts.pairing.pair(data.hub, data.code)


@post("/api/device-key", status_code=200)
async def change_key(parts: NamedDependency[Parts]) -> KeyChanged:
    return await parts.pairing.change_key()


@post("/api/slips/{slip_id:str}/resolve", status_code=200)
async def resolve_slip(parts: NamedDependency[Parts], slip_id: FromPath[str], data: JSONBody[ResolveBody]) -> Done:
    return await _do(parts, lambda tx: slips.resolve(tx, slip_id, data.printed))


@post("/api/slips/{slip_id:str}/reprint", status_code=200)
async def reprint_slip(parts: NamedDependency[Parts], slip_id: FromPath[str]) -> Reprinted:
    return Reprinted(await parts.work.awrite(lambda tx: slips.reprint(tx, slip_id)))


@post("/api/sales", status_code=200)
async def record_sale(parts: NamedDependency[Parts], data: JSONBody[SaleBody]) -> Sale:
    return Sale(await parts.work.awrite(lambda tx: stock.record_sale(tx, data.lines)))


@post("/api/counts", status_code=200)
async def count_stock(parts: NamedDependency[Parts], data: JSONBody[CountBody]) -> Done:
    return await _do(parts, lambda tx: stock.count_stock(tx, data.sku, data.counted, data.reason))


async def _do(parts: Parts, step: Callable[[Transaction], object]) -> Done:
    await parts.work.awrite(step)
    return Done()


WORK_HANDLERS = [
    health,
    get_state,
    get_board,
    get_order,
    get_slip,
    get_changes,
    resolve_slip,
    reprint_slip,
    record_sale,
    count_stock,
]
"""What practice orders need too."""
HANDLERS = [*WORK_HANDLERS, pair, change_key]

"""The local API of picking: what a clerk does with an order, at the station that the page says it is."""

from collections.abc import Callable

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent import picking, settling
from agent.catalogue import lookup_in
from agent.errors import NotNow
from agent.parts import Parts
from agent.scanners import sheet
from agent.staff.api import Station
from agent.transactions import Transaction
from agent.verdicts import Told, told
from domain.exceptions import Choice
from domain.quantity import Quantity


class ScanBody(msgspec.Struct, forbid_unknown_fields=True):
    """`order_id`: the pick that the page shows."""

    text: str
    order_id: str | None = None


class UndoBody(msgspec.Struct, forbid_unknown_fields=True):
    """The last pack of this line, or of the whole order."""

    line_id: int | None = None


class ByHandBody(msgspec.Struct, forbid_unknown_fields=True):
    line_id: int
    note: str


class SettleBody(msgspec.Struct, forbid_unknown_fields=True):
    choice: Choice
    found: dict[int, Quantity] = {}


class AnswerBody(msgspec.Struct, forbid_unknown_fields=True):
    agree: bool
    reason: str = ""


class Done(msgspec.Struct, frozen=True):
    done: bool = True


@post("/api/orders/{order_id:str}/accept", status_code=200)
async def accept(parts: NamedDependency[Parts], order_id: FromPath[str]) -> Done:
    return await _do(parts, lambda tx: picking.accept(tx, order_id))


@post("/api/orders/{order_id:str}/start", status_code=200)
async def start(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    return await _do(parts, lambda tx: picking.start(tx, order_id, station))


@post("/api/orders/{order_id:str}/complete", status_code=200)
async def complete(parts: NamedDependency[Parts], order_id: FromPath[str]) -> Done:
    return await _do(parts, lambda tx: picking.complete(tx, order_id))


@post("/api/orders/{order_id:str}/undo", status_code=200)
async def undo(parts: NamedDependency[Parts], order_id: FromPath[str], data: JSONBody[UndoBody]) -> Done:
    return await _do(parts, lambda tx: picking.undo(tx, order_id, data.line_id))


@post("/api/orders/{order_id:str}/take-by-hand", status_code=200)
async def take_by_hand(parts: NamedDependency[Parts], order_id: FromPath[str], data: JSONBody[ByHandBody]) -> Done:
    return await _do(parts, lambda tx: picking.take_by_hand(tx, order_id, data.line_id, data.note))


@post("/api/orders/{order_id:str}/hand-over", status_code=200)
async def hand_over(parts: NamedDependency[Parts], order_id: FromPath[str]) -> Done:
    return await _do(parts, lambda tx: picking.hand_over(tx, order_id))


@post("/api/scan", status_code=200)
async def scan(parts: NamedDependency[Parts], station: Station, data: JSONBody[ScanBody]) -> Told:
    """Typed, or read by a scanner that types into the page."""
    if parts.practice is None and await parts.training.knows(data.text):
        raise NotNow("这是练习用的码，请在练习页使用")
    raw, lookup = data.text.encode(), lookup_in(parts.cache)
    scanned = await parts.work.awrite(lambda tx: sheet.scan(tx, raw, station, lookup, order_id=data.order_id))
    verdict = told(scanned, station)
    parts.changes.verdict(verdict)
    return verdict


@post("/api/exceptions/{exception_id:str}/settle", status_code=200)
async def settle(parts: NamedDependency[Parts], exception_id: FromPath[str], data: JSONBody[SettleBody]) -> Done:
    return await _do(parts, lambda tx: settling.settle_exception(tx, exception_id, data.choice, data.found))


@post("/api/refunds/{order_id:str}/{refund_id:str}/answer", status_code=200)
async def answer_refund(
    parts: NamedDependency[Parts], order_id: FromPath[str], refund_id: FromPath[str], data: JSONBody[AnswerBody]
) -> Done:
    return await _do(parts, lambda tx: settling.answer_refund(tx, order_id, refund_id, data.agree, data.reason))


async def _do(parts: Parts, step: Callable[[Transaction], object]) -> Done:
    await parts.work.awrite(step)
    return Done()


HANDLERS = [accept, start, complete, undo, take_by_hand, hand_over, scan, settle, answer_refund]

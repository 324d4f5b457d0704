"""The local API of picking: what a clerk does with an order, at the station that the page says it is.

Whoever picks is asked for once (`stations.worker`); an approval asks again (`prove`), before its transaction.
"""

from collections.abc import Callable
from datetime import date

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent import judging, settling
from agent.catalogue import Lookup, lookup_in
from agent.errors import NotFound, NotNow
from agent.judging import Scanned
from agent.local_api import Done
from agent.parts import Parts
from agent.picking import (
    asks,
    checking,
    holding,
    learning,
    lots,
    next_order,
    putting_back,
    shortage,
    standing,
    steps,
    waiving,
)
from agent.picking.lots import ReadLot
from agent.picking.shortage import Short
from agent.picking.standing import Standing
from agent.picking.waiving import Waived, WaiverCounts
from agent.scanners import sheet
from agent.staff import stations
from agent.staff.api import Station
from agent.staff.proving import prove
from agent.transactions import Transaction
from agent.verdicts import Told, told
from domain.blobs import LARGEST
from domain.exceptions import Choice
from domain.operations import ShortChoice
from domain.policy import Waiver
from domain.proofs import Proof
from domain.quantity import Quantity
from domain.staff import Actor

_WITH_PHOTO = LARGEST * 4 // 3 + 64 * 1024
"""A photo in base 64, and the rest."""


class ScanBody(msgspec.Struct, forbid_unknown_fields=True):
    """`order_id`: the pick that the page shows. `typed`: by hand; it is asked for once more."""

    text: str
    order_id: str | None = None
    typed: bool = False


class UndoBody(msgspec.Struct, forbid_unknown_fields=True):
    """The last pack of this line, or of the whole order."""

    line_id: int | None = None


class ByHandBody(msgspec.Struct, forbid_unknown_fields=True):
    line_id: int
    note: str


class HandOverBody(msgspec.Struct, forbid_unknown_fields=True):
    """`boxed`: the cold goods are in their box."""

    boxed: bool = False


class LotBody(msgspec.Struct, forbid_unknown_fields=True):
    """What stands on `count` packs of the line; on all that have no lot yet without one."""

    line_id: int
    lot: str
    expiry: date | None = None
    month_only: bool = False
    count: int | None = None


class WaiveBody(msgspec.Struct, forbid_unknown_fields=True):
    """`photo`: a picture of at most 8 MB, in base 64."""

    line_id: int
    reason: Waiver
    note: str = ""
    photo: bytes = b""


class ProofBody(msgspec.Struct, forbid_unknown_fields=True):
    proof: Proof


class TeachBody(msgspec.Struct, forbid_unknown_fields=True):
    """A second person says which product of the order the unknown prefix is."""

    sku: str
    proof: Proof


class ShortBody(msgspec.Struct, forbid_unknown_fields=True):
    line_id: int
    missing: Quantity
    choice: ShortChoice
    substitute: str = ""
    reason: str = ""


class PutBackBody(msgspec.Struct, forbid_unknown_fields=True):
    """What was scanned; with nothing: all of it is back."""

    text: str = ""


class SettleBody(msgspec.Struct, forbid_unknown_fields=True):
    choice: Choice
    found: dict[int, Quantity] = {}


class AnswerBody(msgspec.Struct, forbid_unknown_fields=True):
    agree: bool
    reason: str = ""


class Begun(msgspec.Struct, frozen=True):
    order_id: str


class Confirmed(msgspec.Struct, frozen=True):
    packs: int


class Left(msgspec.Struct, frozen=True):
    """Packs that are still to be put back."""

    left: int


@get("/api/orders/{order_id:str}/picking")
async def get_standing(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Standing:
    lookup = lookup_in(parts.cache)
    return await parts.work.aread(lambda reading: standing.standing(reading, order_id, station, lookup))


@get("/api/waivers")
async def get_waivers(parts: NamedDependency[Parts]) -> WaiverCounts:
    return await parts.work.aread(waiving.counts)


@post("/api/orders/{order_id:str}/accept", status_code=200)
async def accept(parts: NamedDependency[Parts], order_id: FromPath[str]) -> Done:
    await parts.work.awrite(lambda tx: steps.accept(tx, order_id))
    return Done()


@post("/api/picking/next", status_code=200)
async def take_next(parts: NamedDependency[Parts], station: Station) -> Begun:
    lookup = lookup_in(parts.cache)
    order = await parts.work.awrite(lambda tx: next_order.take(tx, stations.worker(tx, station), lookup))
    if order is None:
        raise NotFound("没有等待拣货的订单")
    return Begun(order.order_id)


@post("/api/orders/{order_id:str}/start", status_code=200)
async def start(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    return await _do(parts, station, lambda tx, actor, lookup: steps.start(tx, order_id, lookup, actor))


@post("/api/orders/{order_id:str}/take-over", status_code=200)
async def take_over(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    return await _do(parts, station, lambda tx, actor, lookup: holding.take_over(tx, order_id, actor, lookup))


@post("/api/orders/{order_id:str}/release", status_code=200)
async def release(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    return await _do(parts, station, lambda tx, actor, _: holding.give_back(tx, order_id, actor))


@post("/api/orders/{order_id:str}/complete", status_code=200)
async def complete(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    return await _do(parts, station, lambda tx, actor, lookup: steps.complete(tx, order_id, lookup, actor))


@post("/api/orders/{order_id:str}/check", status_code=200)
async def check(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[ProofBody]
) -> Done:
    """The second person's word; what they checked is packed."""
    staff = await prove(parts, data.proof)
    return await _do(parts, station, lambda tx, actor, lookup: checking.check(tx, order_id, staff, actor, lookup))


@post("/api/orders/{order_id:str}/undo", status_code=200)
async def undo(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[UndoBody]
) -> Done:
    return await _do(parts, station, lambda tx, actor, _: steps.undo(tx, order_id, data.line_id, actor))


@post("/api/orders/{order_id:str}/take-by-hand", status_code=200)
async def take_by_hand(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[ByHandBody]
) -> Done:
    return await _do(
        parts, station, lambda tx, actor, _: steps.take_by_hand(tx, order_id, data.line_id, data.note, actor)
    )


@post("/api/orders/{order_id:str}/lots", status_code=200)
async def confirm_lot(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[LotBody]
) -> Confirmed:
    read = ReadLot(data.line_id, data.lot, data.expiry, data.month_only, data.count)
    lookup = lookup_in(parts.cache)
    said_of = await parts.work.awrite(lambda tx: lots.confirm(tx, order_id, read, stations.worker(tx, station), lookup))
    return Confirmed(said_of)


@post("/api/orders/{order_id:str}/waive", status_code=200, request_max_body_size=_WITH_PHOTO)
async def waive(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[WaiveBody]
) -> Done:
    waived = Waived(data.line_id, data.reason, data.note, data.photo)
    return await _do(parts, station, lambda tx, actor, lookup: waiving.waive(tx, order_id, waived, actor, lookup))


@post("/api/orders/{order_id:str}/teach", status_code=200)
async def teach(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[TeachBody]
) -> Told:
    """Answers the question about an unknown prefix; then the pack that waited is judged."""
    second, lookup = await prove(parts, data.proof), lookup_in(parts.cache)

    def step(tx: Transaction) -> Scanned:
        actor = stations.worker(tx, station)
        waiting = asks.at_station(tx, station, order_id)
        learning.by_person(tx, waiting, data.sku, second, actor, lookup)
        return judging.resume(tx, waiting, actor, lookup)

    return _tell(parts, await parts.work.awrite(step), station)


@post("/api/orders/{order_id:str}/drop-question", status_code=200)
async def drop_question(parts: NamedDependency[Parts], station: Station, order_id: FromPath[str]) -> Done:
    """The pack it was about goes back to the shelf."""
    await parts.work.awrite(lambda tx: asks.drop(tx, asks.at_station(tx, station, order_id).station))
    return Done()


@post("/api/orders/{order_id:str}/short", status_code=200)
async def report_short(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[ShortBody]
) -> Done:
    short = Short(data.line_id, data.missing, data.choice, data.substitute, data.reason)
    return await _do(parts, station, lambda tx, actor, lookup: shortage.report(tx, order_id, short, actor, lookup))


@post("/api/orders/{order_id:str}/hand-over", status_code=200)
async def hand_over(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[HandOverBody]
) -> Done:
    return await _do(
        parts, station, lambda tx, actor, lookup: steps.hand_over(tx, order_id, lookup, actor, boxed=data.boxed)
    )


@post("/api/orders/{order_id:str}/put-back", status_code=200)
async def put_back(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[PutBackBody]
) -> Left:
    lookup = lookup_in(parts.cache)
    return Left(
        await parts.work.awrite(
            lambda tx: putting_back.put_back(tx, order_id, stations.worker(tx, station), lookup, data.text)
        )
    )


@post("/api/scan", status_code=200)
async def scan(parts: NamedDependency[Parts], station: Station, data: JSONBody[ScanBody]) -> Told:
    """Typed, or read by a scanner that types into the page."""
    if parts.practice is None and await parts.training.knows(data.text):
        raise NotNow("这是练习用的码，请在练习页使用")
    raw, lookup = data.text.encode(), lookup_in(parts.cache)
    scanned = await parts.work.awrite(
        lambda tx: sheet.scan(tx, raw, station, lookup, order_id=data.order_id, typed=data.typed)
    )
    return _tell(parts, scanned, station)


def _tell(parts: Parts, scanned: Scanned, station: str) -> Told:
    verdict = told(scanned, station)
    parts.changes.verdict(verdict)
    return verdict


@post("/api/exceptions/{exception_id:str}/settle", status_code=200)
async def settle(parts: NamedDependency[Parts], exception_id: FromPath[str], data: JSONBody[SettleBody]) -> Done:
    await parts.work.awrite(lambda tx: settling.settle_exception(tx, exception_id, data.choice, data.found))
    return Done()


@post("/api/refunds/{order_id:str}/{refund_id:str}/answer", status_code=200)
async def answer_refund(
    parts: NamedDependency[Parts],
    station: Station,
    order_id: FromPath[str],
    refund_id: FromPath[str],
    data: JSONBody[AnswerBody],
) -> Done:
    def step(tx: Transaction) -> None:
        settling.answer_refund(tx, order_id, refund_id, data.agree, data.reason, stations.actor(tx, station))

    await parts.work.awrite(step)
    return Done()


async def _do(parts: Parts, station: str, step: Callable[[Transaction, Actor, Lookup], object]) -> Done:
    """One step of work, by whoever works at the station. Raises NotSignedIn where the chain wants to know who."""
    lookup = lookup_in(parts.cache)
    await parts.work.awrite(lambda tx: step(tx, stations.worker(tx, station), lookup))
    return Done()


HANDLERS = [
    get_standing,
    get_waivers,
    accept,
    take_next,
    start,
    take_over,
    release,
    complete,
    check,
    undo,
    take_by_hand,
    confirm_lot,
    waive,
    teach,
    drop_question,
    report_short,
    hand_over,
    put_back,
    scan,
    settle,
    answer_refund,
]

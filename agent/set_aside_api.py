"""What was set aside, over the local API: seen, tried again, or settled by a person with a reason. A body is shown as
it came; none says anything about a customer."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from agent import attempts, outbox, quarantine, set_aside, stopped_logs
from agent.apply import retry_quarantined
from agent.errors import NotNow
from agent.files import DataFile
from agent.parts import Parts
from agent.set_aside import Listed
from agent.staff import stations
from agent.staff.api import Station
from agent.transactions import Transaction
from domain.events import STORE_LOGS

Why = Annotated[str, msgspec.Meta(max_length=200)]


class EventBody(msgspec.Struct, forbid_unknown_fields=True):
    log: str
    seq: int


class SettleEventBody(msgspec.Struct, forbid_unknown_fields=True):
    log: str
    seq: int
    why: Why


class LogBody(msgspec.Struct, forbid_unknown_fields=True):
    log: str


class SettleBody(msgspec.Struct, forbid_unknown_fields=True):
    why: Why


class Tried(msgspec.Struct, frozen=True):
    """How many events took effect, or operations are on their way."""

    count: int


class RawBody(msgspec.Struct, frozen=True):
    text: str


@get("/api/set-aside")
async def get_set_aside(parts: NamedDependency[Parts]) -> Listed:
    return await set_aside.listed(parts.work, parts.cache)


@get("/api/set-aside/events/raw")
async def raw_event(parts: NamedDependency[Parts], log: FromQuery[str], seq: FromQuery[int]) -> RawBody:
    body = await _file(parts, log).aread(lambda view: quarantine.raw(view, log, seq))
    return RawBody(body.decode("utf-8", "replace"))


@post("/api/set-aside/events/retry", status_code=200)
async def retry_event(parts: NamedDependency[Parts], data: JSONBody[EventBody]) -> Tried:
    """With what waits behind it. One that killed the program may do so again: then it is set aside as before."""
    return Tried(await _file(parts, data.log).awrite(lambda tx: retry_quarantined(tx, (data.log, data.seq))))


@post("/api/set-aside/events/settle", status_code=200)
async def settle_event(parts: NamedDependency[Parts], station: Station, data: JSONBody[SettleEventBody]) -> Tried:
    """What waited behind it is applied."""
    by, why = await _who(parts, station), _said(data.why)

    def step(tx: Transaction) -> Tried:
        quarantine.give_up(tx, data.log, data.seq, by=by, why=why)
        return Tried(retry_quarantined(tx))

    return await _file(parts, data.log).awrite(step)


@post("/api/set-aside/logs/retry", status_code=200)
async def retry_log(parts: NamedDependency[Parts], data: JSONBody[LogBody]) -> Tried:
    """A log that stands still is tried with the next heartbeat anyway; this forgets what it died of."""

    def step(tx: Transaction) -> Tried:
        stopped = stopped_logs.of(tx, data.log)
        if stopped is not None:
            attempts.forget(tx, stopped.log, stopped.seq)
        return Tried(int(stopped is not None))

    return await _file(parts, data.log).awrite(step)


@get("/api/set-aside/operations/{key:str}/raw")
async def raw_operation(parts: NamedDependency[Parts], key: FromPath[str]) -> RawBody:
    body = await parts.work.aread(lambda view: outbox.raw(view, key))
    return RawBody(body.decode("utf-8", "replace"))


@post("/api/set-aside/operations/{key:str}/retry", status_code=200)
async def retry_operation(parts: NamedDependency[Parts], key: FromPath[str]) -> Tried:
    """Sent again under the same key. Only what headquarters did not know or not take may be answered otherwise."""
    return Tried(await parts.work.awrite(lambda tx: outbox.send_again(tx, key)))


@post("/api/set-aside/operations/{key:str}/settle", status_code=200)
async def settle_operation(
    parts: NamedDependency[Parts], station: Station, key: FromPath[str], data: JSONBody[SettleBody]
) -> Tried:
    by, why = await _who(parts, station), _said(data.why)
    await parts.work.awrite(lambda tx: outbox.give_up(tx, key, by=by, why=why))
    return Tried(1)


def _file(parts: Parts, log: str) -> DataFile:
    return parts.work if log.startswith(STORE_LOGS) else parts.cache


def _said(why: str) -> str:
    if not why.strip():
        raise NotNow("请填写处理结果")
    return why.strip()


async def _who(parts: Parts, station: str) -> str:
    """Raises NotSignedIn where the chain wants to know."""
    actor = await parts.work.awrite(lambda tx: stations.worker(tx, station))
    return actor.name or station


HANDLERS = [
    get_set_aside,
    raw_event,
    retry_event,
    settle_event,
    retry_log,
    raw_operation,
    retry_operation,
    settle_operation,
]

"""The local API for a program of the ERP (docs/erp.md), and what a person does about documents that are stuck.

A request of the ERP's program proves itself by its own token (`agent.access.erp_token`).
"""

import asyncio
import logging
from collections.abc import Callable

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from agent.access.access import Access
from agent.access.guard import CALLER
from agent.access.sessions import Caller
from agent.erp import documents, feeds, files_taken
from agent.erp.answers import DoneAnswer, TokenAnswer
from agent.erp.feeds import BadFeed, Conflict, IdReused, Taken
from agent.erp.standing import Standing, standing
from agent.errors import NotNow, WorkRefused
from agent.parts import Parts
from agent.transactions import Transaction
from domain.erp import ErpFeed
from erp import spoken
from erp.bodies import AcknowledgeBody, CountFeedBody, ReceiptFeedBody, RefuseBody, SaleFeedBody
from erp.feeds import slices
from erp.spoken import SpokenDocument
from erp.terms import BadValue

log = logging.getLogger(__name__)
Asked = Request[object, object, State]

LARGEST_FEED = 1024 * 1024
SOURCE = "api"


class NotForBrowsers(WorkRefused):
    """Only whoever may read the agent's own files hands out its keys."""


class TakenAnswer(msgspec.Struct, frozen=True):
    document_id: str
    taken: Taken


class DocumentsAnswer(msgspec.Struct, frozen=True):
    """`more`: ask again with `after` = the last number."""

    documents: tuple[SpokenDocument, ...]
    more: bool


class PasswordBody(msgspec.Struct, forbid_unknown_fields=True):
    password: str


class SettleBody(msgspec.Struct, forbid_unknown_fields=True):
    reason: str


async def _take(parts: Parts, read: Callable[[], ErpFeed]) -> TakenAnswer:
    _require(parts)
    try:
        feed = read()
    except BadValue as error:
        raise BadFeed(str(error)) from error
    said = {await _take_part(parts, some, part) for part, some in slices(feed)}
    if any(isinstance(each, Conflict) for each in said):
        raise IdReused(
            f"单据号 {feed.document_id} 已经用过，内容不同；这次的内容已留存，未入账",
            hint="a changed document needs a new document_id",
        )
    return TakenAnswer(feed.document_id, Taken.NEW if Taken.NEW in said else Taken.KNOWN)


async def _take_part(parts: Parts, feed: ErpFeed, part: int) -> Taken | Conflict:
    """In a transaction of its own. Broken off in the midst, a long count is sent again."""
    return await parts.work.awrite(lambda tx: feeds.take(tx, feed, SOURCE, part))


def _require(parts: Parts) -> None:
    if not parts.settings.erp.api:
        raise NotNow("本店没有启用 ERP 接口", hint="[erp] api = true in agent.toml, then restart the agent")


@post("/api/erp/sales", status_code=200, request_max_body_size=LARGEST_FEED)
async def take_sale(parts: NamedDependency[Parts], data: JSONBody[SaleFeedBody]) -> TakenAnswer:
    return await _take(parts, data.feed)


@post("/api/erp/counts", status_code=200, request_max_body_size=LARGEST_FEED)
async def take_count(parts: NamedDependency[Parts], data: JSONBody[CountFeedBody]) -> TakenAnswer:
    return await _take(parts, data.feed)


@post("/api/erp/receipts", status_code=200, request_max_body_size=LARGEST_FEED)
async def take_receipt(parts: NamedDependency[Parts], data: JSONBody[ReceiptFeedBody]) -> TakenAnswer:
    return await _take(parts, data.feed)


@get("/api/erp/documents")
async def get_documents(
    parts: NamedDependency[Parts], after: FromQuery[int] = 0, limit: FromQuery[int] = documents.MOST_AT_ONCE
) -> DocumentsAnswer:
    """Those that nobody answered yet, in order. Asking changes nothing: each comes until it is answered."""
    _require(parts)
    most = min(max(limit, 1), documents.MOST_AT_ONCE)
    found = await parts.work.aread(lambda reading: documents.owed(reading, after, most + 1))
    told = tuple(spoken.document(each.document) for each in found[:most])
    return DocumentsAnswer(told, len(found) > most)


@post("/api/erp/documents/{number:int}/acknowledge", status_code=200)
async def acknowledge(
    parts: NamedDependency[Parts], number: FromPath[int], data: JSONBody[AcknowledgeBody]
) -> DoneAnswer:
    return await _do(parts, lambda tx: documents.acknowledge(tx, number, data.reference))


@post("/api/erp/documents/{number:int}/refuse", status_code=200)
async def refuse(parts: NamedDependency[Parts], number: FromPath[int], data: JSONBody[RefuseBody]) -> DoneAnswer:
    return await _do(parts, lambda tx: documents.refuse(tx, number, data.reason))


@get("/api/erp")
async def get_standing(parts: NamedDependency[Parts]) -> Standing:
    return await standing(parts)


@post("/api/erp/documents/{number:int}/again", status_code=200)
async def hand_over_again(parts: NamedDependency[Parts], number: FromPath[int]) -> DoneAnswer:
    return await _do(parts, lambda tx: documents.again(tx, documents.get(tx, number).document.document_id))


@post("/api/erp/documents/{number:int}/settle", status_code=200)
async def settle(parts: NamedDependency[Parts], number: FromPath[int], data: JSONBody[SettleBody]) -> DoneAnswer:
    return await _do(
        parts, lambda tx: documents.settle(tx, documents.get(tx, number).document.document_id, data.reason)
    )


@post("/api/erp/conflicts/{conflict_id:int}/seen", status_code=200)
async def conflict_seen(parts: NamedDependency[Parts], conflict_id: FromPath[int]) -> DoneAnswer:
    return await _do(parts, lambda tx: feeds.seen(tx, conflict_id))


@post("/api/erp/files/{digest:str}/seen", status_code=200)
async def file_seen(parts: NamedDependency[Parts], digest: FromPath[str]) -> DoneAnswer:
    return await _do(parts, lambda tx: files_taken.seen(tx, digest))


@post("/api/erp/token", status_code=200)
async def make_token(parts: NamedDependency[Parts], access: NamedDependency[Access], request: Asked) -> TokenAnswer:
    """A new one for the ERP's program; the one before opens nothing any more."""
    _only_our_own(request)
    _require(parts)
    token = await asyncio.to_thread(access.erp.make)
    log.info("the ERP's program has a new token")
    return TokenAnswer(token)


@post("/api/erp/password", status_code=200)
async def keep_password(parts: NamedDependency[Parts], request: Asked, data: JSONBody[PasswordBody]) -> DoneAnswer:
    """Of the ERP's database."""
    _only_our_own(request)
    await asyncio.to_thread(parts.erp.keep_password, data.password)
    return DoneAnswer()


def _only_our_own(request: Asked) -> None:
    if request.state[CALLER] != Caller.kind:
        raise NotForBrowsers("这一步请由管理员用命令行完成", hint="yaolink-agent erp token, yaolink-agent erp password")


async def _do(parts: Parts, step: Callable[[Transaction], None]) -> DoneAnswer:
    await parts.work.awrite(step)
    return DoneAnswer()


HANDLERS = [
    take_sale,
    take_count,
    take_receipt,
    get_documents,
    acknowledge,
    refuse,
    get_standing,
    hand_over_again,
    settle,
    conflict_seen,
    file_seen,
    make_token,
    keep_password,
]

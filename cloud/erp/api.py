"""The ERP's own API at headquarters: the chain's feeds in bulk, our documents out (docs/erp.md). Its tokens open these
paths and nothing else. No answer means unknown: the same again is known by its ids."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.params import FromQuery, JSONBody

from cloud.asgi import App, BadRequest
from cloud.erp.desk import ErpDesk
from cloud.erp.door import Door
from cloud.erp.feeds import Taken
from cloud.refusals import refusal
from domain.erp import DocumentNumber, ErpFeed
from erp import spoken
from erp.bodies import CountFeedBody, ReceiptFeedBody, SaleFeedBody
from erp.books import Answer
from erp.feeds import check
from erp.spoken import SpokenDocument
from erp.terms import BadValue

LARGEST_BODY = 16 << 20
MOST_AT_ONCE = 500
AnyRequest = Request[Any, Any, State]
AtErp = NamedDependency[ErpDesk]
Store = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class ChainSale(SaleFeedBody, kw_only=True, forbid_unknown_fields=True):
    store: Store


class ChainCount(CountFeedBody, kw_only=True, forbid_unknown_fields=True):
    store: Store


class ChainReceipt(ReceiptFeedBody, kw_only=True, forbid_unknown_fields=True):
    store: Store


class Sales(msgspec.Struct, forbid_unknown_fields=True):
    documents: Annotated[list[ChainSale], msgspec.Meta(max_length=MOST_AT_ONCE)]


class Counts(msgspec.Struct, forbid_unknown_fields=True):
    documents: Annotated[list[ChainCount], msgspec.Meta(max_length=MOST_AT_ONCE)]


class Receipts(msgspec.Struct, forbid_unknown_fields=True):
    documents: Annotated[list[ChainReceipt], msgspec.Meta(max_length=MOST_AT_ONCE)]


class TakenOne(msgspec.Struct, frozen=True):
    """`taken`: new; known (it came before); held (no such store yet: kept, taken when it comes); reused (its id came
    before with another body: kept aside, changed nothing); refused (it cannot be: `why`)."""

    store: str
    document_id: str
    taken: str
    why: str = ""


class TakenAnswer(msgspec.Struct, frozen=True):
    """One for each, in their order; 409 where any is reused or refused, the others are taken all the same."""

    documents: list[TakenOne]


class DocumentsAnswer(msgspec.Struct, frozen=True):
    """`more`: ask again with `after` = the last number."""

    documents: list[SpokenDocument]
    more: bool


class Acknowledged(msgspec.Struct, forbid_unknown_fields=True):
    number: DocumentNumber
    reference: str = ""


class Refused(msgspec.Struct, forbid_unknown_fields=True):
    number: DocumentNumber
    reason: str


class Acknowledgements(msgspec.Struct, forbid_unknown_fields=True):
    documents: Annotated[list[Acknowledged], msgspec.Meta(max_length=MOST_AT_ONCE)]


class Refusals(msgspec.Struct, forbid_unknown_fields=True):
    documents: Annotated[list[Refused], msgspec.Meta(max_length=MOST_AT_ONCE)]


class AnsweredOne(msgspec.Struct, frozen=True):
    number: int
    why: str


class AnsweredAnswer(msgspec.Struct, frozen=True):
    """409 with those that could not be answered so; the others are."""

    wrong: list[AnsweredOne] = []


@post("/erp/sales", status_code=200, request_max_body_size=LARGEST_BODY)
async def take_sales(request: AnyRequest, erp: AtErp, data: JSONBody[Sales]) -> Response[TakenAnswer]:
    """What was sold over the counters, or brought back there."""
    return await _take(request, erp, [(each.store, each.document_id, each.feed) for each in data.documents])


@post("/erp/counts", status_code=200, request_max_body_size=LARGEST_BODY)
async def take_counts(request: AnyRequest, erp: AtErp, data: JSONBody[Counts]) -> Response[TakenAnswer]:
    """What may be sold, of some or all products of each store."""
    return await _take(request, erp, [(each.store, each.document_id, each.feed) for each in data.documents])


@post("/erp/receipts", status_code=200, request_max_body_size=LARGEST_BODY)
async def take_receipts(request: AnyRequest, erp: AtErp, data: JSONBody[Receipts]) -> Response[TakenAnswer]:
    """Goods that came into stores."""
    return await _take(request, erp, [(each.store, each.document_id, each.feed) for each in data.documents])


@get("/erp/documents")
async def documents(
    erp: AtErp, after: FromQuery[int] = 0, store: FromQuery[str | None] = None, limit: FromQuery[int] = 100
) -> DocumentsAnswer:
    """Those that nobody answered yet, in order. Asking changes nothing: each comes until it is answered."""
    most = min(max(limit, 1), MOST_AT_ONCE)
    found = await erp.owed(after, most + 1, store)
    return DocumentsAnswer([spoken.document(each) for each in found[:most]], len(found) > most)


@post("/erp/documents/acknowledge", status_code=200)
async def acknowledge(request: AnyRequest, erp: AtErp, data: JSONBody[Acknowledgements]) -> Response[AnsweredAnswer]:
    """They are booked; `reference` is the ERP's own number for each."""
    answers = [Answer(each.number, booked=True, reference=each.reference) for each in data.documents]
    return await _answer(request, erp, answers)


@post("/erp/documents/refuse", status_code=200)
async def refuse(request: AnyRequest, erp: AtErp, data: JSONBody[Refusals]) -> Response[AnsweredAnswer]:
    """They are not booked; a person is shown the reason."""
    answers = [Answer(each.number, booked=False, reason=each.reason) for each in data.documents]
    return await _answer(request, erp, answers)


async def _take(
    request: AnyRequest, erp: ErpDesk, wanted: list[tuple[str, str, Callable[[], ErpFeed]]]
) -> Response[TakenAnswer]:
    told = [await _one(erp, store, name, read, by=request.state.program) for store, name, read in wanted]
    wrong = any(each.taken in ("refused", Taken.REUSED) for each in told)
    return Response(TakenAnswer(told), status_code=409 if wrong else 200)


async def _one(erp: ErpDesk, store: str, name: str, read: Callable[[], ErpFeed], *, by: str) -> TakenOne:
    try:
        feed = read()
        check(feed)
        taken = await erp.take(store, feed, by=by)
    except BadValue as error:
        return TakenOne(store, name, "refused", str(error))
    return TakenOne(store, name, taken.value)


async def _answer(request: AnyRequest, erp: ErpDesk, answers: list[Answer]) -> Response[AnsweredAnswer]:
    flaws = await erp.answer(answers, by=request.state.program)
    wrong = [AnsweredOne(flaw.row, flaw.why) for flaw in flaws]
    return Response(AnsweredAnswer(wrong), status_code=409 if wrong else 200)


def problem(_: AnyRequest, error: Exception) -> Response[bytes]:
    refused = refusal(error)
    again = {} if refused.retry_after is None else {"retry-after": str(refused.retry_after)}
    return Response(msgspec.json.encode(refused.problem), status_code=refused.status, headers=again)


def http_problem(_: AnyRequest, error: HTTPException) -> Response[bytes]:
    found = error.extra if isinstance(error.extra, list) else []
    hint = "; ".join(f"{one.get('key', '')}: {one.get('message', '')}" for one in found if isinstance(one, dict))
    refused = BadRequest(error.status_code, "not_understood", error.detail, hint)
    return Response(msgspec.json.encode(refused.problem), status_code=refused.status)


def erp_door(erp: ErpDesk, door: Door) -> App:
    async def only_its_programs(request: AnyRequest) -> None:
        known = await door.admit(request)
        request.state.program = known.name

    app = Litestar(
        [take_sales, take_counts, take_receipts, documents, acknowledge, refuse],
        dependencies={"erp": Provide(lambda: erp, use_cache=True, sync_to_thread=False)},
        before_request=cast("Callable[[AnyRequest], Awaitable[None]]", only_its_programs),
        exception_handlers={HTTPException: http_problem, Exception: problem},
        openapi_config=OpenAPIConfig(title="Yaolink: the chain's ERP", version="1", path="/erp/schema"),
        logging_config=None,
    )
    return cast(App, app)  # Litestar types an ASGI message by its kind, we as any mapping

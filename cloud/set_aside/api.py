"""What was set aside, in the operator's API."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from cloud.asgi import BadRequest
from cloud.set_aside.desk import SetAsideDesk
from cloud.set_aside.entries import Entry

AtSetAside = NamedDependency[SetAsideDesk]


class Settled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person did about it instead; it stands in the audit."""

    reason: Annotated[str, msgspec.Meta(max_length=500)]


class Again(msgspec.Struct, frozen=True):
    done: bool


class RawBody(msgspec.Struct, frozen=True):
    text: str


@get("/set-aside")
async def set_aside_open(aside: AtSetAside, store: FromQuery[str | None] = None) -> tuple[Entry, ...]:
    """Operations of stores that took no effect and that nobody has settled, the oldest first."""
    return await aside.listed(store)


@get("/set-aside/{entry_id:str}/raw")
async def set_aside_raw(aside: AtSetAside, entry_id: FromPath[str]) -> RawBody:
    """As it came. No operation says anything about a customer."""
    return RawBody((await aside.raw(entry_id)).decode("utf-8", "replace"))


@post("/set-aside/{entry_id:str}/again", status_code=200)
async def set_aside_again(aside: AtSetAside, entry_id: FromPath[str]) -> Again:
    """With what waits behind it."""
    return Again(await aside.again(entry_id))


@post("/set-aside/{entry_id:str}/settled", status_code=204)
async def set_aside_settled(aside: AtSetAside, entry_id: FromPath[str], data: JSONBody[Settled]) -> None:
    """What waited behind it is applied."""
    if not data.reason.strip():
        raise BadRequest(400, "no_reason", "请填写处理结果 / say how it was settled")
    await aside.settle(entry_id, data.reason.strip())


HANDLERS = [set_aside_open, set_aside_raw, set_aside_again, set_aside_settled]

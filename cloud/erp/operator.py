"""What people at headquarters do about the ERP, in the operator's API."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from cloud.asgi import BadRequest
from cloud.erp.desk import ErpDesk
from cloud.erp.overview import Overview
from cloud.erp.tokens import KnownToken

AtErp = NamedDependency[ErpDesk]


class TokenName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class NewToken(msgspec.Struct, frozen=True):
    """Shown this once; its hash is kept."""

    name: str
    token: str


class Renumbered(msgspec.Struct, frozen=True):
    number: int


class HowSettled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person keyed into the ERP instead."""

    reason: Annotated[str, msgspec.Meta(max_length=500)]


class RawFeed(msgspec.Struct, frozen=True):
    text: str


@get("/erp")
async def erp_overview(erp: AtErp) -> Overview:
    return await erp.overview()


@get("/erp/tokens")
async def erp_tokens(erp: AtErp) -> tuple[KnownToken, ...]:
    return await erp.tokens()


@post("/erp/tokens", status_code=200)
async def make_token(erp: AtErp, data: JSONBody[TokenName]) -> NewToken:
    """The one before of that name opens nothing any more."""
    return NewToken(data.name.strip(), await erp.new_token(data.name))


@post("/erp/tokens/revoke", status_code=204)
async def revoke_token(erp: AtErp, data: JSONBody[TokenName]) -> None:
    await erp.revoke(data.name)


@post("/erp/documents/{number:int}/again", status_code=200)
async def hand_over_again(erp: AtErp, number: FromPath[int]) -> Renumbered:
    """What kept the ERP from booking it is mended."""
    return Renumbered(await erp.again(number))


@post("/erp/documents/{number:int}/settled", status_code=204)
async def document_settled(erp: AtErp, number: FromPath[int], data: JSONBody[HowSettled]) -> None:
    if not data.reason.strip():
        raise BadRequest(400, "no_reason", "请填写在 ERP 中如何处理的 / say how it was keyed")
    await erp.settle(number, data.reason)


@get("/erp/aside/{entry_id:str}/raw")
async def aside_raw(erp: AtErp, entry_id: FromPath[str]) -> RawFeed:
    return RawFeed((await erp.aside_raw(entry_id)).decode("utf-8", "replace"))


@post("/erp/aside/{entry_id:str}/seen", status_code=204)
async def aside_seen(erp: AtErp, entry_id: FromPath[str]) -> None:
    await erp.aside_seen(entry_id)


@post("/erp/files/{digest:str}/seen", status_code=204)
async def file_seen(erp: AtErp, digest: FromPath[str]) -> None:
    await erp.file_seen(digest)


HANDLERS = [
    erp_overview,
    erp_tokens,
    make_token,
    revoke_token,
    hand_over_again,
    document_settled,
    aside_raw,
    aside_seen,
    file_seen,
]

"""The switch, as both servers have it, and what only the training server can do."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent.errors import NotFound
from agent.local_api import Done
from agent.parts import Parts
from agent.training.practice import Practice


class SwitchBody(msgspec.Struct, forbid_unknown_fields=True):
    on: bool


class Switched(msgspec.Struct, frozen=True):
    """`url` opens the practice page, once; after the end it is the real one's. Empty where there is nothing to open."""

    on: bool
    url: str


class Placed(msgspec.Struct, frozen=True):
    order_id: str


@post("/api/training", status_code=200)
async def switch_training(parts: NamedDependency[Parts], data: JSONBody[SwitchBody]) -> Switched:
    if data.on:
        return Switched(True, await parts.training.turn_on())
    if parts.practice is None:
        await parts.training.turn_off()
        return Switched(False, "")
    url = (await parts.practice.view()).real_url
    parts.training.turn_off_soon()
    return Switched(False, url)


@post("/api/practice/next", status_code=200)
async def next_order(parts: NamedDependency[Parts]) -> Placed:
    return Placed(await _practice(parts).next())


@post("/api/practice/steady", status_code=200)
async def keep_steady(parts: NamedDependency[Parts], data: JSONBody[SwitchBody]) -> Done:
    _practice(parts).keep_steady(data.on)
    return Done()


@get("/practice/paper/{number:int}")
async def paper(parts: NamedDependency[Parts], number: FromPath[int]) -> Response[bytes]:
    return Response(await _practice(parts).paper(number), media_type="image/png")


def _practice(parts: Parts) -> Practice:
    if parts.practice is None:
        raise NotFound("this is not the training server")
    return parts.practice


HANDLERS = [switch_training]
PRACTICE_HANDLERS = [switch_training, next_order, keep_steady, paper]

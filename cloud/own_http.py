"""The door of the chain's own programs (docs/channels/own.md): the same intake as every channel, with answers that a
programmer can use, and the order as it stands.
"""

from functools import partial

import msgspec
from sqlalchemy import Connection, select

from cloud import tables
from cloud.asgi import BadRequest, Receive, Scope, Send, answer, headers, needs_method, read_body
from cloud.channels.base import Channel
from cloud.channels.own.signature import check
from cloud.intake_http import ROOT, Intake, Taken, address
from cloud.prescriptions import beginning
from cloud.received import PushState
from cloud.writer import Writer
from domain.blobs import LARGEST
from domain.orders import OrderState, RiderState

NAME = "own"
SLOWEST_IMAGE_SECONDS = 60.0
_STATUS = {PushState.WAITING: 202, PushState.NEEDS_PERSON: 422}
_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True):
    """`order_id` is the caller's own, `hub_order_id` ours. `result`: understood, repeated, or waiting for its order."""

    order_id: str | None
    hub_order_id: str | None
    result: PushState


class Standing(msgspec.Struct, frozen=True):
    order_id: str
    hub_order_id: str
    state: OrderState
    rider: RiderState


class OwnDoor:
    def __init__(self, channel: Channel, api_key: str, *, chain: str, intake: Intake, writer: Writer) -> None:
        self._channel, self._api_key, self._chain = channel, api_key, chain
        self._intake, self._writer = intake, writer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        needs_method(scope, "POST", "GET", "PUT")
        topic = scope["path"].removeprefix(f"{ROOT}{NAME}/")
        if scope["method"] == "GET":
            await answer(send, _encode(await self._standing(scope, topic)))
            return
        if scope["method"] == "PUT":
            await self._take_image(scope, topic, receive, send)
            return
        push = await self._intake.push(NAME, topic, scope, receive)
        status, body = _answer(await self._intake.take(self._channel, push, address(scope)))
        await answer(send, body, status=status)

    async def _take_image(self, scope: Scope, topic: str, receive: Receive, send: Send) -> None:
        """PUT orders/ID/prescription/images: one picture as it is; the same again is no second one."""
        self._intake.signed(lambda: check(headers(scope), self._api_key), NAME, topic, address(scope))
        match topic.split("/"):
            case ["orders", theirs, "prescription", "images"] if theirs:
                content = await read_body(receive, most=LARGEST, seconds=SLOWEST_IMAGE_SECONDS)
            case _:
                hint = "PUT orders/ORDER_ID/prescription/images"
                raise BadRequest(404, "no_such_path", f"nothing is served at {scope['path']}", hint)
        await self._writer.run(partial(beginning.take_image, channel=NAME, theirs=theirs, content=content))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _standing(self, scope: Scope, topic: str) -> Standing:
        self._intake.signed(lambda: check(headers(scope), self._api_key), NAME, topic, address(scope))
        match topic.split("/"):
            case ["orders", theirs] if theirs:
                found = await self._writer.read(lambda connection: standing(connection, self._chain, theirs))
            case _:
                raise BadRequest(404, "no_such_path", f"nothing is served at {scope['path']}", "GET orders/ORDER_ID")
        if found is None:
            raise BadRequest(404, "unknown_order", f"no order {theirs!r} of this channel")
        return found


def standing(connection: Connection, chain: str, theirs: str) -> Standing | None:
    o = tables.orders.c
    query = select(o.order_id, o.state, o.state_there, o.rider).where(
        o.chain == chain, o.channel == NAME, o.channel_order_id == theirs
    )
    row = connection.execute(query).one_or_none()
    return row and Standing(theirs, row.order_id, OrderState(row.state_there or row.state), RiderState(row.rider))


def _answer(taken: Taken) -> tuple[int, bytes]:
    """A problem is told to the caller, who can mend it; the raw request is kept all the same."""
    accepted = taken.accepted
    if taken.understood is None:
        return 422, _encode(BadRequest(422, "not_understood", taken.problem, "docs/channels/own.md").problem)
    if accepted is None:
        return 200, _encode(Answer(None, None, PushState.UNDERSTOOD))
    if accepted.state is PushState.NEEDS_PERSON:
        hint = "the request is kept; the chain's operator sees it"
        return 422, _encode(BadRequest(422, PushState.NEEDS_PERSON.value, taken.problem, hint).problem)
    body = Answer(taken.understood.channel_order_id, accepted.order_id, accepted.state)
    return _STATUS.get(accepted.state, 200), _encode(body)

"""The door of the channels: POST or GET /channels/CHANNEL/TOPIC (design.md §1).

A push is answered only after it is durable. What cannot be understood is kept and answered like the rest: a platform
can do nothing about it. Only a wrong signature is refused, since nothing of such a push is believed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cloud.asgi import BadRequest, Receive, Scope, Send, answer, headers, needs_method, read_body
from cloud.channel_list import Channels
from cloud.channels.base import BadSignature, Channel, NotUnderstood, Push, Understood
from cloud.counters import Counters
from cloud.details import Details
from cloud.received import Accepted, PushState, Received
from cloud.rejections import Rejection, Rejections
from cloud.writer import Writer
from domain.times import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")
ROOT = "/channels/"
TOPIC_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one push. `accepted` is None for a heartbeat: nothing of it is kept."""

    understood: Understood | None
    accepted: Accepted | None
    problem: str


class Intake:
    def __init__(
        self,
        channels: Channels,
        details: Details,
        *,
        writer: Writer,
        rejections: Rejections,
        counters: Counters,
        clock: Clock,
    ) -> None:
        self._channels, self._urls, self._details = channels.by_name, channels.urls, details
        self._writer, self._rejections, self._counters, self._clock = writer, rejections, counters, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, _, topic = scope["path"].removeprefix(ROOT).partition("/")
        if (channel := self._channels.get(name)) is None or not topic:
            raise BadRequest(404, "no_such_channel", f"no channel is served at {scope['path']}")
        needs_method(scope, "POST", "GET")
        await self.take(channel, await self.push(name, topic, scope, receive), address(scope))
        await answer(send, channel.answer())

    async def push(self, channel: str, topic: str, scope: Scope, receive: Receive) -> Push:
        return Push(
            channel=channel,
            topic=topic,
            method=scope["method"],
            url=self._urls[channel](topic),
            query=scope["query_string"],
            body=await self._body(channel, scope, receive),
            headers=headers(scope),
        )

    async def _body(self, channel: str, scope: Scope, receive: Receive) -> bytes:
        try:
            return await read_body(receive)
        except BadRequest as refused:
            self._counters.requests_refused += 1
            log.warning("a push of %s from %s was refused: %s", channel, address(scope), refused)
            raise

    async def take(self, channel: Channel, push: Push, client: str) -> Taken:
        """Raises `BadRequest` 403 for a bad signature."""
        self._counters.pushes += 1
        understood, problem = self._understand(channel, push, client)
        if understood is not None and understood.key is None and not understood.messages:
            return Taken(understood, None, "")
        accepted = await self._writer.accept(Received(push, understood, problem, self._clock()))
        if understood is not None and accepted.state is PushState.UNDERSTOOD:
            self._details.ask_where_needed(channel.name, understood.messages)
        return Taken(understood, accepted, problem or accepted.problem)

    def _understand(self, channel: Channel, push: Push, client: str) -> tuple[Understood | None, str]:
        try:
            return self.signed(lambda: channel.understand(push), push.channel, push.topic, client), ""
        except NotUnderstood as error:
            self._counters.pushes_not_understood += 1
            log.warning("a push of %s/%s is kept for a person: %s", push.channel, push.topic, error)
            return None, str(error)

    def signed(self, read: Callable[[], T], channel: str, topic: str, client: str) -> T:
        """A bad signature is counted, logged and shown to the operator. Raises `BadRequest` 403."""
        try:
            return read()
        except BadSignature as error:
            self._counters.pushes_rejected += 1
            self._rejections.add(Rejection(self._clock(), channel, topic[:TOPIC_SHOWN], client, str(error)))
            log.warning("a push of %s/%s from %s has a bad signature: %s", channel, topic, client, error)
            hint = error.hint or "check the secret and the registered URL"
            raise BadRequest(403, "bad_signature", str(error), hint) from error


def address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""

"""Takes in what did not come as a push: what a sweep found, what a channel answered, a kept push read afresh.

All of it goes through the one intake, under a happening made of what it says: the same again has no effect.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from cloud import intake, pushes
from cloud.channels.base import BadSignature, Channel, Message, NotUnderstood, Placed, Push, Understood
from cloud.received import Accepted, PushState, Received
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.times import Clock

_encode = msgspec.json.Encoder(order="deterministic").encode
TOPIC = "sweep"


class Taking:
    def __init__(self, channels: Mapping[str, Channel], writer: Writer, clock: Clock) -> None:
        self._channels, self._writer, self._clock = channels, writer, clock

    async def take(self, channel: str, messages: Sequence[Message]) -> list[Accepted]:
        """In order for each order."""
        by_order: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            by_order[_order_of(message)].append(message)
        return await asyncio.gather(
            *(self._writer.accept(self._received(channel, *found)) for found in by_order.items())
        )

    def _received(self, channel: str, order_id: str, messages: list[Message]) -> Received:
        body = _encode(messages)
        content = hashlib.sha256(body).digest()
        push = Push(channel=channel, topic=TOPIC, method="", url="", query=b"", body=body, headers={})
        key = f"{TOPIC}:{order_id}:{content.hex()}"
        return Received(push, Understood(key, content, order_id, tuple(messages)), "", self._clock())

    async def again(self, push_id: str, by: str) -> Accepted:
        """A person asks to take a kept push in once more: its cause is mended, or the program understands more now."""
        return await self._writer.run(lambda tx: self._again(tx, push_id, by))

    def _again(self, tx: Transaction, push_id: str, by: str) -> Accepted:
        kept = pushes.kept(tx, push_id)
        push = kept.received.push
        channel = self._channels.get(push.channel)
        if kept.understood is not None or channel is None or push.topic == TOPIC:
            return intake.again(tx, push_id, by)
        try:
            understood = channel.understand(push)
        except (NotUnderstood, BadSignature) as error:  # a signature may be wrong now: the secret was changed since
            return Accepted(PushState.NEEDS_PERSON, kept.order_id, str(error))
        return _instead(tx, push_id, by, Received(push, understood, "", tx.now))


def _instead(tx: Transaction, push_id: str, by: str, received: Received) -> Accepted:
    """What is understood now is a push of its own, in place of the kept one."""
    accepted = intake.accept(tx, [received])[0]
    if accepted.state is not PushState.NEEDS_PERSON:
        intake.settle(tx, push_id, by)
    return accepted


def _order_of(message: Message) -> str:
    return message.order.channel_order_id if isinstance(message, Placed) else message.channel_order_id

"""Asks a channel how an order reads now, when a push only said that it changed.

Kept in memory: if the hub stops meanwhile, the sweep at the next start asks for the same.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping

from cloud.channels.base import Changed, Channel, ChannelError, Message
from cloud.errors import HubError
from cloud.taking import Taking

log = logging.getLogger(__name__)

TRIES = 5
FIRST_WAIT = 1.0


class Details:
    def __init__(self, channels: Mapping[str, Channel], taking: Taking) -> None:
        self._channels, self._taking = channels, taking
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}

    def ask_where_needed(self, channel: str, messages: Iterable[Message]) -> None:
        """One question at a time for each order."""
        for message in messages:
            if not isinstance(message, Changed) or message.order is not None:
                continue
            key = (channel, message.channel_order_id)
            if key not in self._asking:
                self._asking[key] = asyncio.create_task(self._ask(*key))

    def stop(self) -> None:
        for task in self._asking.values():
            task.cancel()

    async def _ask(self, channel: str, channel_order_id: str) -> None:
        try:
            for attempt in range(TRIES):
                if await self._asked(channel, channel_order_id):
                    return
                await asyncio.sleep(FIRST_WAIT * 2**attempt)
            log.warning("%s did not tell how order %s reads now; the sweep asks again", channel, channel_order_id)
        finally:
            del self._asking[channel, channel_order_id]

    async def _asked(self, channel: str, channel_order_id: str) -> bool:
        """False: the same again later."""
        try:
            order = await self._channels[channel].detail(channel_order_id)
            if order is not None:
                await self._taking.take(channel, [Changed(channel_order_id, order)])
        except (ChannelError, HubError) as error:
            log.info("no detail of order %s from %s: %s", channel_order_id, channel, error)
            return not error.retryable
        return True

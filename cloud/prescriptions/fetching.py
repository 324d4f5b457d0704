"""Fetches the images of prescriptions from the channels, again and again until they are here.

What is to be fetched stands in the database (`cloud.prescriptions.images`), leased by whoever fetches it.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection, func, select

from cloud import tables
from cloud.channels.base import Channel, ChannelError
from cloud.errors import HubError
from cloud.prescriptions import images
from cloud.prescriptions.images import QUESTION, Wanted
from cloud.writer import Writer
from domain.times import Clock

log = logging.getLogger(__name__)

AT_ONCE = 8
NOT_THERE_YET = "平台还没有处方图片 / the platform has no image yet"


class Fetching:
    def __init__(self, channels: Mapping[str, Channel], *, chain: str, writer: Writer, clock: Clock) -> None:
        self._channels, self._chain, self._writer, self._clock = channels, chain, writer, clock

    async def fetch(self) -> None:
        """Everything that is due, a few at a time; run again and again by `cloud.upkeep.every`."""
        while await self._writer.read(partial(is_due, chain=self._chain, now=self._clock())):
            wanted = await self._writer.run(partial(images.due, limit=AT_ONCE))
            if not wanted:
                return  # another hub process has them
            await asyncio.gather(*(self._one(one) for one in wanted))

    async def _one(self, wanted: Wanted) -> None:
        try:
            await self._attempt(wanted)
        except HubError as error:
            log.warning("an image of prescription %s waits: %s", wanted.prescription_id, error)
        except Exception:  # it is due again when its lease ends
            log.exception("an image of prescription %s could not be fetched", wanted.prescription_id)

    async def _attempt(self, wanted: Wanted) -> None:
        channel = self._channels.get(wanted.channel)
        if wanted.cancelled or channel is None:
            why = "its order was cancelled" if wanted.cancelled else "its channel is not configured"
            await self._end(partial(images.failed, wanted=wanted, why=why))
            return
        try:
            await (self._ask(channel, wanted) if wanted.place == QUESTION else self._fetch(channel, wanted))
        except ChannelError as error:
            log.info("no image yet of prescription %s: %s", wanted.prescription_id, error)
            later = partial(images.later, wanted=wanted, why=str(error), retry_after=error.retry_after)
            await self._end(later if error.retryable else partial(images.failed, wanted=wanted, why=str(error)))

    async def _ask(self, channel: Channel, wanted: Wanted) -> None:
        references = await channel.prescription_images(wanted.shop, wanted.channel_order_id)
        if references == ():
            await self._end(partial(images.later, wanted=wanted, why=NOT_THERE_YET))
            return
        await self._end(partial(images.answered, wanted=wanted, references=references or ()))

    async def _fetch(self, channel: Channel, wanted: Wanted) -> None:
        if not wanted.reference:
            await self._end(partial(images.failed, wanted=wanted, why="where it lies was erased"))
            return
        content = await channel.picture(wanted.reference)
        await self._end(partial(images.arrived, wanted=wanted, content=content))
        log.info("an image of prescription %s is here, %d bytes", wanted.prescription_id, len(content))

    async def _end(self, job: "partial[None]") -> None:
        await self._writer.run(job)


def is_due(connection: Connection, chain: str, now: int) -> bool:
    i = tables.prescription_images.c
    query = select(func.min(i.next_at)).where(i.chain == chain, tables.image_is_waiting)
    first: int | None = connection.execute(query).scalar_one()
    return first is not None and first <= now

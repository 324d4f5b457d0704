"""Asks every channel for what no push brought: at start and every few minutes, shop by shop, through the same intake
(design.md §1: nobody documents their retry schedule)."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, select

from cloud import tables
from cloud.channel_list import Channels
from cloud.channels.base import ChannelError, Message
from cloud.counters import Counters
from cloud.errors import HubError
from cloud.known import settled
from cloud.statements import Sql
from cloud.taking import Taking
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.times import DAY, HOUR, Clock, Millis

log = logging.getLogger(__name__)

AT_FIRST: Millis = 2 * DAY
OVERLAP: Millis = HOUR
"""A sweep asks again for a while before the last one: platforms list orders late."""
TOGETHER = 20
"""Messages in one transaction."""
NOTED_TOGETHER = 100
"""Shops whose sweep is written down at once: one that is not is asked about an hour longer the next time."""
_SWEPT = Sql(
    """INSERT INTO sweeps (chain, channel, shop, swept_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (chain, channel, shop) DO UPDATE SET swept_at = excluded.swept_at"""
)

Shop = tuple[str, str]
"""(channel, shop)."""


class Sweeper:
    def __init__(
        self,
        channels: Channels,
        taking: Taking,
        *,
        chain: str,
        writer: Writer,
        counters: Counters,
        clock: Clock,
        every_seconds: float,
    ) -> None:
        self._channels, self._known = channels.by_name, channels.known
        self._taking, self._chain, self._writer = taking, chain, writer
        self._counters, self._clock, self._every = counters, clock, every_seconds
        self._failing: set[Shop] = set()
        self._begun_at = clock()

    async def run(self) -> None:
        while True:
            try:
                await self.sweep_all()
            except HubError as error:
                log.warning("the sweep waits: %s", error)
            except Exception:  # the top of this loop: a database that cannot be read comes back
                log.exception("the sweep broke off")
            await asyncio.sleep(self._every)

    async def sweep_all(self) -> None:
        await self._renew_known()
        swept: dict[Shop, Millis] = {}
        names = [name for name, channel in self._channels.items() if channel.can_be_swept]
        asked = partial(shops, chain=self._chain, channels=names)
        for channel, shop, since in await self._writer.read(asked):
            began = self._clock()
            if await self._sweep(channel, shop, began - AT_FIRST if since is None else since - OVERLAP):
                swept[(channel, shop)] = began
            if len(swept) >= NOTED_TOGETHER:
                await self._writer.run(partial(note, swept=swept))
                swept = {}
        await self._writer.run(partial(note, swept=swept))

    async def _sweep(self, channel: str, shop: str, since: Millis) -> bool:
        """What was found before a failure is kept; a failure and its end are logged once each."""
        self._counters.sweeps += 1
        try:
            await self._take(channel, shop, since)
        except (ChannelError, HubError) as error:
            self._counters.sweeps_failed += 1
            if (channel, shop) not in self._failing:
                log.warning("%s cannot be swept for shop %s: %s", channel, shop, error)
            self._failing.add((channel, shop))
            return False
        except Exception:  # one channel's flaw must not keep the others from being swept
            self._counters.sweeps_failed += 1
            log.exception("the sweep of %s for shop %s broke off", channel, shop)
            return False
        if (channel, shop) in self._failing:
            self._failing.discard((channel, shop))
            log.info("%s can be swept for shop %s again", channel, shop)
        return True

    async def _renew_known(self) -> None:
        now, begun_at = self._clock(), self._begun_at
        found = await self._writer.read(partial(settled, chain=self._chain, now=now, begun_at=begun_at))
        for channel, known in self._known.items():
            known.renew(found.get(channel, frozenset()))

    async def _take(self, channel: str, shop: str, since: Millis) -> None:
        found: list[Message] = []
        async for message in self._channels[channel].sweep(shop, since):
            found.append(message)
            if len(found) >= TOGETHER:
                await self._taking.take(channel, found)
                found = []
        if found:
            await self._taking.take(channel, found)


def shops(connection: Connection, chain: str, channels: Sequence[str]) -> list[tuple[str, str, Millis | None]]:
    """(channel, shop, when it was last swept), of these channels."""
    shop, sweep = tables.shops, tables.sweeps
    same = (sweep.c.chain == shop.c.chain) & (sweep.c.channel == shop.c.channel) & (sweep.c.shop == shop.c.shop)
    query = select(shop.c.channel, shop.c.shop, sweep.c.swept_at).outerjoin(sweep, same)
    query = query.where(shop.c.chain == chain, shop.c.channel.in_(channels)).order_by(shop.c.channel)
    return [(row.channel, row.shop, row.swept_at) for row in connection.execute(query)]


def note(tx: Transaction, swept: Mapping[Shop, Millis]) -> None:
    _SWEPT.run(tx.connection, [(tx.chain, channel, shop, at) for (channel, shop), at in sorted(swept.items())])

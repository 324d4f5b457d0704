"""The fleet, for API and pages, without any HTTP."""

from functools import partial

from cloud.audit import OPERATOR
from cloud.fleet import close_up, diagnosing, listing, reading, sightings
from cloud.fleet.close_up import CloseUp, Visit
from cloud.fleet.listing import Fleet, Wanted
from cloud.fleet.sightings import Sightings
from cloud.heads import Heads
from cloud.presence import Attendance
from cloud.writer import Writer
from domain.events import store_log
from domain.times import Clock


class FleetDesk:
    """What was seen is taken in the loop's thread, and put together with the tables in a reader's."""

    def __init__(self, writer: Writer, chain: str, attendance: Attendance, heads: Heads, clock: Clock) -> None:
        self._writer, self._chain, self._clock = writer, chain, clock
        self._attendance, self._heads = attendance, heads
        self._watching_since = clock()

    async def listed(self, wanted: Wanted) -> Fleet:
        seen = self._seen()
        members = partial(reading.fleet, chain=self._chain, seen=seen)
        return await self._writer.read(lambda connection: listing.listed(members(connection), wanted, seen.now))

    async def of(self, store: str) -> CloseUp:
        """Raises `UnknownStore`."""
        seen = self._seen(store)
        look = partial(close_up.close_up, chain=self._chain, seen=seen, visits=self._visits(store), store=store)
        return await self._writer.read(look)

    async def diagnose(self, store: str) -> None:
        """Raises `UnknownStore`, `NotForThisAgent`."""
        cursor = self._attendance.of(store).cursors.get(store_log(store))
        applied = 0 if cursor is None else cursor.seq
        await self._writer.run(partial(diagnosing.ask, store=store, applied=applied, by=OPERATOR))

    def _seen(self, store: str | None = None) -> Sightings:
        only = None if store is None else [store]
        return sightings.take(self._attendance, self._heads, self._clock(), self._watching_since, only)

    def _visits(self, store: str) -> tuple[Visit, ...]:
        presence, now = self._attendance.of(store), self._clock()
        before = tuple(Visit(*visit) for visit in presence.before)
        if presence.came_at is None:
            return before
        return (Visit(presence.came_at, None if presence.is_here(now) else presence.seen_at), *before)

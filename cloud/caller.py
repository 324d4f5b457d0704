"""Carries the durable calls to the channels: several orders at once, each order's calls one after the other.

The outbox is the truth (`cloud.calls`): a call is leased, carried, and what its answer means is written. Woken after
commits; otherwise it sleeps until the next call is due.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection

from cloud import answers, calls
from cloud.calls import Carried
from cloud.channels.base import CallResult, CallState, Channel
from cloud.counters import Counters
from cloud.errors import HubError
from cloud.statements import Sql
from cloud.writer import Writer
from domain.times import SECOND, Clock, Millis

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Calls under way, over all channels; only as many are leased as can leave at once."""
LONGEST_SLEEP = 30.0
PAUSE = 0.05
"""Seconds between two looks when nothing was due: orders come faster than it is worth looking."""
AFTER_FAILURE = 2.0
STREAK = 8
"""So many answers LATER in a row, and the channel is left in peace for a while: its calls wait, others' go on."""
REST: Millis = 5 * SECOND
_NEXT_DUE = Sql("SELECT min(next_at) FROM calls WHERE chain = ? AND state = 'waiting' AND NOT channel = ANY(?)")
NO_CHANNEL = CallResult(CallState.LATER, "this channel is not configured", 300.0)


class Caller:
    def __init__(
        self, channels: Mapping[str, Channel], *, chain: str, writer: Writer, counters: Counters, clock: Clock
    ) -> None:
        self._channels, self._chain, self._writer = channels, chain, writer
        self._counters, self._clock = counters, clock
        self._awake = asyncio.Event()
        self._leasing = asyncio.Lock()
        self._under_way: dict[asyncio.Task[None], str] = {}
        """With the store that each is of."""
        self._streaks: Counter[str] = Counter()
        self._resting_until: dict[str, Millis] = {}

    def wake(self) -> None:
        self._awake.set()

    async def returned(self, stores: Collection[str]) -> None:
        """Once every call of these stores that has left until now is answered, and the answer written."""
        async with self._leasing:  # what is being leased at this moment counts as having left
            pass
        leaving = [task for task, store in self._under_way.items() if store in stores]
        if leaving:
            await asyncio.wait(leaving)

    async def run(self) -> None:
        """Until cancelled. What is under way then is due again when its lease ends."""
        try:
            while True:
                try:
                    await self._round()
                except HubError as error:
                    log.warning("the calls to the channels wait: %s", error)
                    await asyncio.sleep(AFTER_FAILURE)
                except Exception:  # the top of this loop: a database that cannot be read comes back
                    log.exception("calling the channels broke off")
                    await asyncio.sleep(AFTER_FAILURE)
        finally:
            for task in self._under_way:
                task.cancel()

    async def _round(self) -> None:
        """Leases what is due; else sleeps until something is, or news came. Many commits cause one look, not many."""
        self._awake.clear()
        resting = [name for name, until in self._resting_until.items() if until > self._clock()]
        free = AT_ONCE - len(self._under_way)
        due = None
        if free > 0 and set(resting) != set(self._channels):
            due = await self._writer.read(partial(next_due, chain=self._chain, resting=resting))
        if due is not None and due <= self._clock():
            async with self._leasing:
                for carried in await self._writer.run(partial(calls.due, limit=free, resting=resting)):
                    self._start(carried)
            return
        await asyncio.sleep(PAUSE)
        ends = [self._resting_until[name] for name in resting]
        soonest = min([*ends, *([] if due is None else [due])], default=None)
        await self._sleep(LONGEST_SLEEP if soonest is None else (soonest - self._clock()) / SECOND)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(min(max(seconds, 0.0), LONGEST_SLEEP)):
                await self._awake.wait()
        except TimeoutError:
            return

    def _start(self, carried: Carried) -> None:
        task = asyncio.create_task(self._carry(carried))
        self._under_way[task] = carried.store
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """The next call of the same order may be due now."""
        self._under_way.pop(task, None)
        self.wake()

    async def _carry(self, carried: Carried) -> None:
        channel = self._channels.get(carried.channel)
        try:
            result = await channel.call(carried.call) if channel is not None else NO_CHANNEL
            await self._writer.run(partial(answers.settle, carried=carried, result=result))
        except HubError as error:
            log.warning("what %s answered to call %s was not written: %s", carried.channel, carried.call_id, error)
            return
        except Exception:  # the call stays in the outbox and is due again when its lease ends
            log.exception("call %s to %s failed", carried.call_id, carried.channel)
            return
        self._count(carried, result)

    def _count(self, carried: Carried, result: CallResult) -> None:
        self._streaks[carried.channel] = self._streaks[carried.channel] + 1 if result.state is CallState.LATER else 0
        if self._streaks[carried.channel] >= STREAK:
            self._resting_until[carried.channel] = self._clock() + REST
        match result.state:
            case CallState.DONE | CallState.ALREADY:
                self._counters.calls_done += 1
            case CallState.LATER:
                self._counters.calls_postponed += 1
                log.info("%s wants call %s again later: %s", carried.channel, carried.call_id, result.said)
            case CallState.REFUSED:
                self._counters.calls_refused += 1
                log.warning("%s refused call %s: %s", carried.channel, carried.call_id, result.said)


def next_due(connection: Connection, chain: str, resting: Sequence[str]) -> Millis | None:
    found: Millis | None = _NEXT_DUE.rows(connection, chain, list(resting))[0][0]
    return found

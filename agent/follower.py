"""Follows the hub's logs: pulling is what makes it correct, the stream makes it fast, and both use one cursor per log
(design.md §4).

1. Pull every log until nothing is new.
2. Open the stream. An event in order is applied; a gap, a head above the cursor or a reset means: pull.
3. A stream that is silent for 45 s is dropped. After two in a row that brought nothing at all (something on the way
   swallows streams): long polling, until a stream comes through again.

A log that stops before an event that must be understood is left out, and the others go on; it is tried again with each
heartbeat.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from agent.cursors import is_another
from agent.errors import AgentError
from agent.frames import Arrived, Message
from agent.hub import Hub
from agent.hub_errors import HubUnreachable, NotAdmitted, StreamMute
from agent.line import Line
from agent.patience import MUTES, Backoff, Patience, PollWait, Spread
from agent.snapshots.beside import Beside
from agent.snapshots.fetching import Source
from agent.stopped_logs import LogStopped
from domain.protocol import Bye, Cursor, Head, Heartbeat, Page

log = logging.getLogger(__name__)

NOTICEABLE_SECONDS = 1.0
"""A shorter absence is not shown as an outage."""


class FollowedLog(Protocol):
    """One log and the file its effects live in."""

    @property
    def name(self) -> str: ...

    async def cursor(self) -> Cursor: ...

    async def apply(self, page: Page) -> Cursor:
        """Applies the page as far as it follows the cursor; returns the cursor afterwards. Events beyond a gap are not
        applied. Raises LogStopped."""

    async def replace(self, source: Source) -> Cursor:
        """Begins the log anew from the hub's snapshot; returns the cursor afterwards. Raises `SnapshotUnusable`."""


LogsToFollow = Callable[[], Awaitable[Sequence[FollowedLog]]]
"""Answers the logs to follow, the store's own first."""


class Follower:
    """Runs until it is cancelled or the hub does not admit this agent (`NotAdmitted`). `logs` are looked up again after
    each greeting: the hub tells which they are."""

    def __init__(self, hub: Hub, logs: LogsToFollow, line: Line, *, patience: Patience, spread: Spread) -> None:
        self._hub, self._line, self._patience, self._spread = hub, line, patience, spread
        self._to_follow = logs
        self._logs: dict[str, FollowedLog] = {}
        self._stopped: set[str] = set()
        self._backoff, self._poll_wait = Backoff(patience, spread), PollWait(patience)
        self._beside = Beside(patience, spread)
        self._mutes = 0

    async def run(self) -> None:
        try:
            await self._run()
        finally:
            await self._beside.stop()

    async def _run(self) -> None:
        self._line.connecting()
        await asyncio.sleep(self._spread(0.0, self._patience.first_start))
        while True:
            try:
                await self._follow()
            except HubUnreachable as error:
                self._line.down(str(error))
                await asyncio.sleep(self._backoff.next(error.retry_after))
            except NotAdmitted:
                raise
            except AgentError as error:
                log.error("following the hub stopped for a while: %s", error)
                self._line.down(str(error))
                await asyncio.sleep(self._backoff.next())
            except Exception as error:  # the top of this loop: the store must go on hearing of its orders
                log.exception("following the hub failed; it is tried again")
                self._line.down(str(error))
                await asyncio.sleep(self._backoff.next())

    async def _follow(self) -> None:
        await self._hub.greet()
        self._logs = {followed.name: followed for followed in await self._to_follow()}
        self._stopped.clear()
        for followed in self._logs.values():
            await self._catch_up(followed)
        if not self._going():
            await self._stand_still()
            return
        if self._mutes >= MUTES:
            await self._poll()
            return
        try:
            bye = await self._stream()
        except StreamMute:
            self._mutes += 1
            log.warning("the hub's stream is silent (%d in a row)", self._mutes)
            if self._mutes < MUTES:
                raise
        else:
            await self._part(bye)

    def _going(self) -> list[FollowedLog]:
        """The logs that can go on: those that do not stand before an event that must be understood."""
        return [followed for name, followed in self._logs.items() if name not in self._stopped]

    async def _stand_still(self) -> None:
        """For when no log can go on: the line counts as up all the same, and operations are sent."""
        self._line.up()
        await asyncio.sleep(self._patience.poll)

    async def _catch_up(self, followed: FollowedLog, page: Page | None = None) -> None:
        """Pulls until the cursor is at the head, or the log stops."""
        try:
            await self._pull_all(followed, page)
        except LogStopped as error:
            log.debug("%s", error)
            self._stopped.add(followed.name)
        else:
            self._stopped.discard(followed.name)

    async def _pull_all(self, followed: FollowedLog, page: Page | None) -> None:
        """Begins with `page`, if there is one, and pulls until the cursor is at the head. A page that moves nothing is
        an error: it would be pulled for ever."""
        while True:
            before = await followed.cursor()
            page = page or await self._hub.pull(before)
            after = await (self._begin_anew(followed, page.head) if page.reset else followed.apply(page))
            if not page.reset and after.log_id == page.head.log_id and after.seq >= page.head.seq:
                return
            if after == before:
                raise HubUnreachable(f"pulling {followed.name} does not get beyond {before.seq}")
            page = None

    async def _begin_anew(self, followed: FollowedLog, head: Head) -> Cursor:
        """Loads the snapshot of the store's own log at once; those of other logs are fetched in the background, and
        these logs stand still until then.

        Another incarnation of the store's log means that the hub was restored. A session is then begun first, so that
        what the hub confirmed and forgot is in the outbox again: an order with work that is still to be told is not
        taken for over, though the snapshot does not name it.
        """
        if followed.name == next(iter(self._logs)):
            if is_another(await followed.cursor(), head.log_id):
                await self._hub.greet_anew()
            return await followed.replace(self._hub)
        self._beside.begin(followed.name, partial(followed.replace, self._hub))
        raise LogStopped(f"{followed.name} waits for its snapshot")

    async def _stream(self) -> Bye:
        """Reads the stream until the hub says bye, which is returned. Raises HubUnreachable, StreamMute."""
        cursors = [await followed.cursor() for followed in self._going()]
        async with self._hub.stream(cursors, silence=self._patience.silence) as messages:
            message = await self._first_message(messages)
            self._line.up()
            steady = asyncio.get_running_loop().call_later(self._patience.steady, self._is_steady)
            try:
                while not isinstance(message, Bye):
                    await self._take(message)
                    if isinstance(message, Heartbeat) and await self._some_go_on():
                        return Bye("a log that stood still goes on", 0.0, 0.0)
                    message = await _next(messages)
            finally:
                steady.cancel()
        return message

    async def _first_message(self, messages: AsyncIterator[Message]) -> Message:
        try:
            async with asyncio.timeout(self._patience.first_frame):
                return await _next(messages)
        except TimeoutError as error:
            raise StreamMute(f"the hub's stream brought nothing for {self._patience.first_frame:g} s") from error

    def _is_steady(self) -> None:
        self._backoff.reset()
        self._mutes = 0

    async def _part(self, bye: Bye) -> None:
        """Waits a random time within the span that the hub named, so that not all agents come back at once."""
        seconds = self._spread(bye.retry_from, max(bye.retry_from, bye.retry_to))
        log.info("the stream ends (%s); back in %.1f s", bye.why, seconds)
        if seconds > NOTICEABLE_SECONDS:
            self._line.down(f"the hub said bye: {bye.why}")
        await asyncio.sleep(seconds)

    async def _take(self, message: Message) -> None:
        match message:
            case Arrived():
                await self._apply_one(message)
            case Heartbeat():
                self._line.hub_said(message.at)
                for head in message.heads:
                    await self._compare(head)
            case Head():
                if (followed := self._logs.get(message.log)) is not None:
                    await self._catch_up(followed)

    async def _apply_one(self, arrived: Arrived) -> None:
        followed = self._logs.get(arrived.cursor.log)
        if followed is None or followed.name in self._stopped:
            return
        head = Head(arrived.cursor.log, arrived.cursor.log_id, arrived.cursor.seq)
        try:
            after = await followed.apply(Page(head, (arrived.event,)))
        except LogStopped as error:
            log.debug("%s", error)
            self._stopped.add(followed.name)
            return
        if after.log_id != head.log_id or after.seq < head.seq:
            await self._catch_up(followed)

    async def _compare(self, head: Head) -> None:
        """Compares a head from a heartbeat with the cursor. Frames come in order, so every event that the heartbeat
        counts has passed already: if the head is above the cursor, one was lost."""
        followed = self._logs.get(head.log)
        if followed is None or followed.name in self._stopped:
            return
        cursor = await followed.cursor()
        if cursor.log_id != head.log_id or cursor.seq != head.seq:
            await self._catch_up(followed)

    async def _some_go_on(self) -> bool:
        """Whether some log that stood still goes on; it is then followed by the next stream."""
        stood = tuple(self._stopped)
        for name in stood:
            await self._catch_up(self._logs[name])
        return len(self._stopped) < len(stood)

    async def _poll(self) -> None:
        """Long polling, until a stream lives again."""
        self._line.up(polling=True)
        probe = asyncio.create_task(self._probe())
        try:
            while not probe.done():
                if not (going := self._going()):
                    return
                page = await self._news(going)
                self._backoff.reset()
                for followed in self._logs.values():
                    if followed.name == page.head.log:
                        await self._catch_up(followed, page)
                    elif followed not in going:
                        await self._catch_up(followed)
            await probe
        finally:
            probe.cancel()
            with suppress(asyncio.CancelledError, AgentError):
                await probe
        log.info("streams come through again")
        self._mutes = 0

    async def _news(self, going: Sequence[FollowedLog]) -> Page:
        """A page of the first of these logs that has news; an empty one where none has, after the wait. Who answers
        that at once (a hub that stops, something on the way) would be asked again and again: a pause comes before."""
        cursors = [await each.cursor() for each in going]
        now = asyncio.get_running_loop().time
        asked_at = now()
        try:
            page = await self._hub.pull(*cursors, wait=self._poll_wait.seconds)
        except HubUnreachable:
            self._poll_wait.was_cut()
            raise
        if page.events or page.reset:
            return page
        if now() - asked_at < self._poll_wait.seconds / 2:
            await asyncio.sleep(self._spread(0.0, self._patience.retry))
        else:
            self._poll_wait.was_quiet()
        return page

    async def _probe(self) -> None:
        """Returns once a stream brought something. Its messages are not used: the next stream has them again."""
        while True:
            await asyncio.sleep(self._patience.probe)
            cursors = [await followed.cursor() for followed in self._going()]
            with suppress(HubUnreachable):
                async with self._hub.stream(cursors, silence=self._patience.silence) as messages:
                    await self._first_message(messages)
                    return


async def _next(messages: AsyncIterator[Message]) -> Message:
    try:
        return await anext(messages)
    except StopAsyncIteration as error:
        raise HubUnreachable("the hub ended the stream") from error

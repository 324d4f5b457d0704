"""Holding what this agent has against what the hub says, every few minutes: a follower or a sender that stands still
without knowing it is begun anew (facts/sync.md §1.3: retry machines stall). A log that stands before an event that must
be understood is known to stand: to begin anew would not move it, and would interrupt the others."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from agent import outbox, set_aside
from agent.errors import AgentError
from agent.files import CacheFile, WorkFile
from agent.follower import FollowedLog
from agent.following import Following
from agent.hub import Hub
from agent.hub_errors import HubUnreachable
from agent.line import Line, LineState
from domain.protocol import Cursor
from domain.times import MINUTE, Millis

log = logging.getLogger(__name__)

UNSENT: Millis = 10 * MINUTE
"""So long nothing waits in the outbox while the line is up."""


class StoodStill(AgentError):
    """What was behind at the last look has not moved since."""


class Reconciling:
    def __init__(
        self,
        following: Following,
        logs: Callable[[], Awaitable[Sequence[FollowedLog]]],
        line: Line,
        *,
        work: WorkFile,
        cache: CacheFile,
    ) -> None:
        self._following, self._logs, self._line = following, logs, line
        self._work, self._cache = work, cache
        self._behind: dict[str, Cursor] = {}

    async def __call__(self) -> str:
        hub = self._following.hub
        if hub is None or self._line.view.state is not LineState.ONLINE:
            self._behind.clear()
            return "the line is down: nothing to compare with"
        try:
            lag = await self._compare(hub)
        except HubUnreachable as error:
            return f"the hub did not answer: {error}"
        unsent = await self._work.aread(outbox.oldest_at)
        if unsent is not None and self._work.now() - unsent > UNSENT:
            self._following.wake_sender()
            return f"{lag} events behind; the outbox is sent again"
        return f"{lag} events behind"

    async def _compare(self, hub: Hub) -> int:
        """How many events are on their way. Applies nothing: that is the follower's alone."""
        before, self._behind, lag = self._behind, {}, 0
        for followed in await self._logs():
            cursor = await followed.cursor()
            page = await hub.pull(cursor)
            if page.reset or page.head.log_id != cursor.log_id or page.head.seq > cursor.seq:
                self._behind[followed.name] = cursor
                lag += max(page.head.seq - cursor.seq, 0)
        known = {each.log for each in (await set_aside.counts(self._work, self._cache)).stopped}
        stuck = [name for name, cursor in self._behind.items() if before.get(name) == cursor and name not in known]
        if stuck:
            self._behind.clear()
            self._following.begin_anew()
            raise StoodStill(f"{', '.join(stuck)} did not move since the last look: following was begun anew")
        return lag

"""Holding what this agent has against what the hub says, every few minutes: a follower or a sender that stands still
without knowing it is begun anew (facts/sync.md §1.3: retry machines stall)."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from agent import outbox
from agent.errors import AgentError
from agent.files import WorkFile
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
        self, following: Following, logs: Callable[[], Awaitable[Sequence[FollowedLog]]], work: WorkFile, line: Line
    ) -> None:
        self._following, self._logs, self._work, self._line = following, logs, work, line
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
        stuck = [name for name, cursor in self._behind.items() if before.get(name) == cursor]
        if stuck:
            self._behind.clear()
            self._following.begin_anew()
            raise StoodStill(f"{', '.join(stuck)} did not move since the last look: following was begun anew")
        return lag

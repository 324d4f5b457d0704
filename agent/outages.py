"""The line to the hub as people are told of it. An outage is shown once it has lasted, from its true beginning, also
over a restart of this program; what is shorter flashes on no screen. Its end is shown for some minutes, with what was
sent. Whoever works with the line looks at `agent.line`.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

import msgspec

from agent import store
from agent.errors import AgentError
from agent.files import WorkFile
from agent.line import Line, LineState
from domain.times import MINUTE, SECOND, Millis

log = logging.getLogger(__name__)

BACK_SHOWN: Millis = 5 * MINUTE
"""For so long the end of an outage is told."""
_AWAY = (LineState.CONNECTING, LineState.OFFLINE)


class OutageView(msgspec.Struct, frozen=True):
    """`state` is the line's, but that it stays as it was while an outage is short. `since`: of one that lasts.
    `back_at`: when the last one ended, some minutes ago at most, after `away`."""

    state: LineState = LineState.ONLINE
    since: Millis | None = None
    back_at: Millis | None = None
    away: Millis = 0


class Outages:
    """Lives in the event loop's thread."""

    def __init__(self, line: Line, work: WorkFile, *, lasts: float, on_change: Callable[[], None]) -> None:
        """`lasts`: an outage is shown after so many seconds."""
        self._line, self._work, self._lasts, self._on_change = line, work, lasts, on_change
        self._lost_at: Millis | None = None
        self._shown = self._was_up = False
        self._back_at, self._away = 0, 0
        self._to_show: asyncio.TimerHandle | None = None
        self._to_forget: asyncio.TimerHandle | None = None
        self._writing = set[asyncio.Task[None]]()
        line.on_change(self._line_changed)

    async def remember(self) -> None:
        """One that lasted when this program stopped goes on."""
        written = await self._work.aread(lambda reading: store.fact(reading, "line_lost_at"))
        if written:
            self._lost_at, self._shown = int(written), True

    @property
    def view(self) -> OutageView:
        state = self._line.view.state
        if state in _AWAY:
            usual = LineState.ONLINE if self._was_up else LineState.CONNECTING
            state = LineState.OFFLINE if self._shown else usual
        back_at = self._back_at if self._back_at and self._work.now() - self._back_at < BACK_SHOWN else None
        return OutageView(state, self._lost_at if self._shown else None, back_at, self._away)

    async def stop(self) -> None:
        for timer in (self._to_show, self._to_forget):
            if timer is not None:
                timer.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _line_changed(self) -> None:
        state = self._line.view.state
        if state is LineState.ONLINE:
            self._came_back()
        elif state in _AWAY:
            self._went()
        else:  # the hub spoke, and does not admit us: that is told instead
            self._is_over()
            self._was_up = False

    def _went(self) -> None:
        if self._lost_at is None:
            self._lost_at = self._work.now()
            self._to_show = asyncio.get_running_loop().call_later(self._lasts, self._show)

    def _show(self) -> None:
        self._shown, self._back_at = True, 0
        self._write(str(self._lost_at))
        self._on_change()

    def _came_back(self) -> None:
        self._was_up = True
        if (lasted_since := self._is_over()) is None:
            return
        self._back_at = self._work.now()
        self._away = max(self._back_at - lasted_since, 0)
        if self._to_forget is not None:
            self._to_forget.cancel()
        self._to_forget = asyncio.get_running_loop().call_later(BACK_SHOWN / SECOND, self._on_change)
        self._on_change()

    def _is_over(self) -> Millis | None:
        """Since when the outage was, where it was shown."""
        if self._to_show is not None:
            self._to_show.cancel()
        since = self._lost_at if self._shown else None
        if self._shown:
            self._write("")
        self._lost_at, self._shown = None, False
        return since

    def _write(self, lost_at: str) -> None:
        task = asyncio.create_task(self._written(lost_at), name="writing down the outage")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _written(self, lost_at: str) -> None:
        try:
            await self._work.awrite(partial(store.put, line_lost_at=lost_at))
        except AgentError as error:
            log.warning("when the line went down is not written: %s", error)

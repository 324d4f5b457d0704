"""The one switch of training."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from agent.changes import Changes
from agent.errors import AgentError
from drivers.scanners.base import Scan

log = logging.getLogger(__name__)

FORGOTTEN_SECONDS = 30 * 60.0
"""A training that no page has shown for so long was left on by mistake."""
_LOOK_SECONDS = 60.0


class Ground(Protocol):
    """An open training, as the switch sees it (`agent.training.sandbox`)."""

    @property
    def changes(self) -> Changes: ...

    def link(self) -> str: ...

    async def knows(self, text: str) -> bool: ...

    def take(self, scan: Scan) -> bool: ...


class TrainingSwitch:
    """Lives in the event loop; `take` is called by scanners' threads."""

    def __init__(
        self,
        opened: Callable[[], AbstractAsyncContextManager[Ground]],
        *,
        forgotten_after: float = FORGOTTEN_SECONDS,
        look_every: float = _LOOK_SECONDS,
    ) -> None:
        self._opened = opened
        self._forgotten_after, self._look_every = forgotten_after, look_every
        self._one_at_a_time = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._ground: Ground | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_on(self) -> bool:
        return self._ground is not None

    async def turn_on(self) -> str:
        async with self._one_at_a_time:
            if self._ground is None:
                self._ground = await self._stack.enter_async_context(self._opened())
                self._spawn(self._end_when_forgotten(self._ground))
            return self._ground.link()

    async def turn_off(self) -> None:
        async with self._one_at_a_time:
            if self._ground is not None:
                self._ground = None
                await self._stack.aclose()

    def turn_off_soon(self) -> None:
        self._spawn(self.turn_off())

    async def close(self) -> None:
        """At the end of the service."""
        await self.turn_off()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def real_changed(self) -> None:
        """The training's pages say when real orders wait."""
        if self._ground is not None:
            self._ground.changes.changed()

    async def knows(self, text: str) -> bool:
        return self._ground is not None and await self._ground.knows(text)

    def take(self, scan: Scan) -> bool:
        ground = self._ground
        try:
            return ground is not None and ground.take(scan)
        except AgentError as error:
            log.warning("a scan while training ended was not judged: %s", error)
            return True

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name="training")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("training did not end as it should", exc_info=error)

    async def _end_when_forgotten(self, ground: Ground) -> None:
        shown_at = time.monotonic()
        while self._ground is ground:
            await asyncio.sleep(self._look_every)
            if ground.changes.open_pages:
                shown_at = time.monotonic()
            elif time.monotonic() - shown_at > self._forgotten_after:
                log.info("nobody looks at the training any more")
                self.turn_off_soon()
                return

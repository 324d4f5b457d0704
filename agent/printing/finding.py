"""Looking for printers at a person's wish, one search at a time.

Lives in the event loop's thread; the looking itself blocks for seconds, in a thread of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from agent.config import Settings
from agent.errors import NotNow
from agent.files import WorkFile
from agent.printing import known
from agent.printing.nearby import FindWish, FoundNow, Nearby, look, told
from drivers.printers.finding.found import Found

log = logging.getLogger(__name__)


class StillLooking(NotNow):
    """Two searches would only slow each other down."""


class Finder:
    def __init__(self, settings: Callable[[], Settings], work: WorkFile, nearby: Nearby) -> None:
        self._settings, self._work, self._nearby = settings, work, nearby
        self._one_at_a_time = asyncio.Lock()
        self._listeners: list[Callable[[Sequence[Found]], None]] = []

    def on_found(self, listener: Callable[[Sequence[Found]], None]) -> None:
        """`listener` hears what each search found."""
        self._listeners.append(listener)

    async def find(self, wish: FindWish) -> FoundNow:
        """At most fifteen seconds. Raises StillLooking, and BadConfig for a wish that cannot be."""
        if self._one_at_a_time.locked():
            raise StillLooking("正在查找打印机，请稍候 (a search is going on)")
        async with self._one_at_a_time:
            result = await asyncio.to_thread(look, wish, self._settings(), self._nearby)
        log.info("looked for printers: %d found, %d addresses gone through", len(result.printers), result.looked_at)
        for listener in self._listeners:
            listener(result.printers)
        return told(result, self._settings(), await self._work.aread(known.of_all))

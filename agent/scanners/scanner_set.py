"""The scanners of the settings in force that are ours, each with the threads that own it. They follow the settings
while the agent runs: one is taken or left without the others noticing.

Lives in the event loop's thread; whoever only looks at the scanners may do so from any.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator

from agent.config import ScannerSettings, Settings
from agent.errors import StorageError
from agent.files import CacheFile, WorkFile
from agent.scanners import known
from agent.scanners.worker import Hearing, ScannerView, ScannerWorker
from drivers.scanners.base import Use

log = logging.getLogger(__name__)


class ScannerSet:
    def __init__(
        self, scanners: tuple[ScannerSettings, ...], work: WorkFile, cache: CacheFile, hearing: Hearing
    ) -> None:
        self._work, self._cache, self._hearing = work, cache, hearing
        self._owned = {each.station: self._made(each) for each in _ours(scanners)}
        self._exchanging: asyncio.Task[None] | None = None

    def __iter__(self) -> Iterator[ScannerWorker]:
        """In the order of the settings."""
        return iter(tuple(self._owned.values()))

    @property
    def views(self) -> tuple[ScannerView, ...]:
        return tuple(worker.view for worker in self)

    async def start(self) -> None:
        await self._begin(self)

    async def stop(self) -> None:
        await self.settled()
        await _stop_all(self)

    async def settled(self) -> None:
        """Until all that was to be followed is."""
        if self._exchanging is not None:
            await asyncio.wait((self._exchanging,))

    def follow(self, settings: Settings) -> None:
        """What changed is exchanged in the background, in the order of the calls."""
        before, now = self._owned, dict[str, ScannerWorker]()
        for each in _ours(settings.scanners):
            worker = before.get(each.station)
            now[each.station] = worker if worker is not None and worker.settings == each else self._made(each)
        self._owned = now
        leaving = [worker for station, worker in before.items() if now.get(station) is not worker]
        coming = [worker for station, worker in now.items() if before.get(station) is not worker]
        if leaving or coming:
            self._exchanging = asyncio.create_task(self._exchange(leaving, coming, self._exchanging), name="scanners")

    async def _exchange(
        self, leaving: list[ScannerWorker], coming: list[ScannerWorker], after: asyncio.Task[None] | None
    ) -> None:
        """A scanner has one owner at a time: who leaves is gone before anybody comes."""
        if after is not None:
            await asyncio.wait((after,))
        await _stop_all(leaving)
        await self._begin(coming)
        self._hearing.on_view(None)
        log.info("scanners now: %s", ", ".join(self._owned) or "none")

    async def _begin(self, workers: Iterable[ScannerWorker]) -> None:
        try:
            speeds = await self._work.aread(known.speeds)
        except StorageError as error:
            log.error("the scanners begin as strangers: %s", error)
            speeds = {}
        for worker in workers:
            worker.start(speeds.get(worker.settings.station))

    def _made(self, settings: ScannerSettings) -> ScannerWorker:
        return ScannerWorker(settings, self._work, self._cache, self._hearing)


def _ours(scanners: Iterable[ScannerSettings]) -> Iterator[ScannerSettings]:
    """A shared one is nobody's here: who holds it would keep the other programs from it."""
    return (each for each in scanners if each.use is Use.OURS)


async def _stop_all(workers: Iterable[ScannerWorker]) -> None:
    """At once, each in a thread of its own."""
    await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in workers))

"""The printers of the settings in force, each with the thread that owns it. They follow the settings while the agent
runs: one is added, changed or removed without the others noticing.

Lives in the event loop's thread; whoever only looks at the printers may do so from any.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from agent.config import PrinterSettings, Settings
from agent.errors import NotFound, StorageError
from agent.files import WorkFile
from agent.printing import departures, known
from agent.printing.holding import Holding
from agent.printing.known import NOTHING
from agent.printing.learning import Learning
from agent.printing.misaddressed import opened
from agent.printing.standing import Standing
from agent.printing.view import PrinterView
from agent.printing.worker import PrinterWorker
from domain.protocol import PrinterReport
from drivers.printers.addresses import open_printer

log = logging.getLogger(__name__)


_FINISH_S = 10.0
"""So long a slip in hand may take when its printer's settings change; then its fate is unknown."""
_FOLLOWED = ("prints", "backup", "font", "qr", "paper_url")
"""Settings that need no other thread."""


@dataclass(frozen=True, slots=True)
class _Owned:
    """A printer's thread, and what it learns of its printer."""

    worker: PrinterWorker
    learning: Learning


class PrinterSet:
    """`on_view` hears each change of a printer's view, in that printer's thread."""

    def __init__(
        self, printers: tuple[PrinterSettings, ...], work: WorkFile, on_view: Callable[[PrinterView], None]
    ) -> None:
        """Raises drivers.errors.BadAddress: whoever starts the program is told. Later it is that printer's trouble."""
        for printer in printers:
            open_printer(printer.address)
        self._work, self._on_view = work, on_view
        self._standing = Standing()
        self._holding = Holding(work, self._standing)
        self._owned = {printer.name: self._made(printer) for printer in printers}
        self._leaving = set[PrinterWorker]()
        self._tasks = set[asyncio.Task[None]]()

    def __iter__(self) -> Iterator[PrinterWorker]:
        """In the order of the settings."""
        return iter([owned.worker for owned in self._owned.values()])

    @property
    def views(self) -> tuple[PrinterView, ...]:
        return tuple(worker.view for worker in self)

    @property
    def reports(self) -> tuple[PrinterReport, ...]:
        return tuple(owned.worker.view.report(owned.learning.model) for owned in self._owned.values())

    def by_name(self, name: str) -> PrinterWorker:
        """Raises NotFound."""
        owned = self._owned.get(name)
        if owned is None:
            raise NotFound(f"没有这台打印机：{name}")
        return owned.worker

    def wake(self) -> None:
        for worker in self:
            worker.wake()

    async def start(self) -> None:
        await self._work.awrite(lambda tx: known.keep_only(tx, self._owned.keys()))
        self._holding.start()
        await self._begin(self._owned.values())

    async def stop(self) -> None:
        """A slip that waits for its printer's word becomes unknown."""
        await _all_of(worker.stop for worker in self._leaving)
        await self.settled()
        await _all_of(worker.stop for worker in self)
        await asyncio.to_thread(self._holding.stop)

    async def settled(self) -> None:
        """Until all that was to be followed is."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def follow(self, settings: Settings) -> None:
        """What changed is exchanged in the background, in the order of the calls."""
        before, now = self._owned, dict[str, _Owned]()
        for printer in settings.printers:
            owned = before.get(printer.name)
            if owned is not None and _same_thread(owned.worker.settings, printer):
                owned.worker.follow(printer)
            else:
                paused = owned is not None and owned.worker.paused
                owned = self._made(printer)
                owned.worker.pause(paused)
            now[printer.name] = owned
        self._owned = now
        leaving = [owned for name, owned in before.items() if now.get(name) is not owned]
        coming = [owned for name, owned in now.items() if before.get(name) is not owned]
        if leaving or coming:
            self._spawn(self._exchange(leaving, coming, after=tuple(self._tasks)))

    async def _exchange(
        self, leaving: Sequence[_Owned], coming: Sequence[_Owned], *, after: tuple[asyncio.Task[None], ...]
    ) -> None:
        """A printer has one owner at a time: who leaves is gone before anybody comes."""
        await asyncio.gather(*after, return_exceptions=True)
        self._leaving = {owned.worker for owned in leaving}
        await _all_of(partial(worker.retire, _FINISH_S) for worker in self._leaving)
        left = {owned.worker.settings.name: owned.worker.settings for owned in leaving}
        came = {owned.worker.settings.name: owned.worker.settings for owned in coming}
        gone = [settings for name, settings in left.items() if name not in came]
        new = [settings for name, settings in came.items() if name not in left]
        try:
            await self._work.awrite(lambda tx: departures.see_off(tx, gone, new))
        except StorageError as error:
            log.error("what is known of printers that left stays as it was: %s", error)
        await self._begin(coming)
        log.info("printers now: %s", ", ".join(f"{view.name} ({view.address})" for view in self.views) or "none")

    async def _begin(self, printers: Iterable[_Owned]) -> None:
        """What is known of them is there before anything is asked."""
        try:
            kept = await self._work.aread(known.of_all)
        except StorageError as error:
            log.error("the printers begin as strangers: %s", error)
            kept = {}
        for owned in printers:
            of_it = kept.get(owned.worker.settings.name, NOTHING)
            owned.learning.recall(of_it)
            owned.worker.pause(of_it.paused)
            owned.worker.start()

    def _made(self, settings: PrinterSettings) -> _Owned:
        printer = opened(settings.address)
        learning = Learning(settings.name, printer, self._work)

        def seen(view: PrinterView) -> None:
            learning.look()
            if learning.should_ask(view):
                worker.perform(learning.ask)
            self._on_view(view)

        worker = PrinterWorker(settings, printer, self._work, self._standing, on_view=seen)
        return _Owned(worker, learning)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name="printers")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("printers could not be exchanged", exc_info=error)


async def _all_of(steps: Iterable[Callable[[], None]]) -> None:
    """At once, each in a thread of its own."""
    await asyncio.gather(*map(asyncio.to_thread, steps))


def _same_thread(before: PrinterSettings, after: PrinterSettings) -> bool:
    followed = {name: getattr(before, name) for name in _FOLLOWED}
    return msgspec.structs.replace(after, **followed) == before

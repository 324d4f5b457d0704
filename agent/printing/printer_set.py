"""The printers of the settings in force, each with the thread that owns it. They follow the settings while the agent
runs: one is added, changed or removed without the others noticing.

Lives in the event loop's thread; whoever only looks at the printers may do so from any.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator

from agent.config import PrinterSettings, Settings
from agent.errors import NotFound
from agent.files import WorkFile
from agent.printing.holding import Holding
from agent.printing.misaddressed import opened
from agent.printing.standing import Standing
from agent.printing.view import PrinterView
from agent.printing.worker import PrinterWorker

log = logging.getLogger(__name__)


class PrinterSet:
    """`on_view` hears each change of a printer's view, in that printer's thread."""

    def __init__(
        self, printers: tuple[PrinterSettings, ...], work: WorkFile, on_view: Callable[[PrinterView], None]
    ) -> None:
        self._work, self._on_view = work, on_view
        self._standing = Standing()
        self._holding = Holding(work, self._standing)
        self._settings = {printer.name: printer for printer in printers}
        self._workers = {printer.name: self._made(printer) for printer in printers}
        self._tasks = set[asyncio.Task[None]]()

    def __iter__(self) -> Iterator[PrinterWorker]:
        """In the order of the settings."""
        return iter(tuple(self._workers.values()))

    @property
    def views(self) -> tuple[PrinterView, ...]:
        return tuple(worker.view for worker in self)

    def by_name(self, name: str) -> PrinterWorker:
        """Raises NotFound."""
        worker = self._workers.get(name)
        if worker is None:
            raise NotFound(f"没有这台打印机：{name}")
        return worker

    def wake(self) -> None:
        for worker in self:
            worker.wake()

    async def start(self) -> None:
        self._holding.start()
        for worker in self:
            worker.start()

    async def stop(self) -> None:
        """A slip that waits for its printer's word becomes unknown."""
        await asyncio.gather(*self._tasks)
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in self))
        await asyncio.to_thread(self._holding.stop)

    def follow(self, settings: Settings) -> None:
        """What changed is exchanged in the background, in the order of the calls."""
        wanted = {printer.name: printer for printer in settings.printers}
        leaving = [worker for name, worker in self._workers.items() if wanted.get(name) != self._settings[name]]
        coming = [self._made(printer) for name, printer in wanted.items() if printer != self._settings.get(name)]
        if not leaving and not coming:
            return
        staying = {worker.view.name: worker for worker in self if worker not in leaving}
        fresh = {worker.view.name: worker for worker in coming}
        self._workers = {name: fresh.get(name) or staying[name] for name in wanted}
        self._settings = wanted
        self._spawn(self._exchange(leaving, coming, after=tuple(self._tasks)))

    async def _exchange(
        self, leaving: list[PrinterWorker], coming: list[PrinterWorker], *, after: tuple[asyncio.Task[None], ...]
    ) -> None:
        """A printer has one owner at a time: who leaves is gone before anybody comes."""
        await asyncio.gather(*after)
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in leaving))
        for worker in coming:
            worker.start()
        log.info("printers now: %s", ", ".join(f"{view.name} ({view.address})" for view in self.views) or "none")

    def _made(self, printer: PrinterSettings) -> PrinterWorker:
        return PrinterWorker(printer, opened(printer.address), self._work, self._standing, on_view=self._on_view)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name="printers")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

"""Practice as it runs: orders come by the button or each minute, headquarters answers, slips come out as pictures."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from agent import board, judging, orders
from agent.bars import bars
from agent.catalogue import lookup_in
from agent.changes import Changes
from agent.errors import NotFound, NotNow
from agent.files import CacheFile, WorkFile
from agent.health import to_begin
from agent.parts import Parts
from agent.training import headquarters, packs
from agent.training.course import lesson_of
from agent.training.goods import Goods
from agent.training.lessons import Lesson
from agent.training.practice import PracticeView, ShownPack
from agent.verdicts import told
from drivers.scanners.base import Scan

if TYPE_CHECKING:
    from drivers.virtual.printer import VirtualPrinter

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
STEADY_SECONDS = 60.0
ENOUGH = "先完成几张练习单，再来新的"


class Practising:
    """Lives in the event loop; `take` is called by scanners' threads."""

    def __init__(
        self,
        work: WorkFile,
        cache: CacheFile,
        goods: Sequence[Goods],
        printer: "VirtualPrinter",
        changes: Changes,
        real: Parts,
        real_url: str,
        *,
        seed: int,
    ) -> None:
        self._work, self._goods, self._printer, self._changes = work, goods, printer, changes
        self._lookup = lookup_in(cache)
        self._real, self._real_url, self._seed = real, real_url, seed
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._next_at: float | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="practice")

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def wake(self) -> None:
        """The clerk did something that headquarters hears of."""
        self._woken.set()

    async def view(self) -> PracticeView:
        cards = (await self._real.work.aread(board.board)).cards
        waiting = sum(to_begin(card) for card in cards)
        return PracticeView(waiting, self._real_url, self._next_at is not None, len(self._printer.slips))

    async def packs(self, order_id: str) -> tuple[ShownPack, ...]:
        shown = await self._work.aread(lambda reading: packs.of_order(reading, order_id, self._goods))
        return tuple(ShownPack(pack, *bars(pack.code)) for pack in shown)

    async def lesson(self, order_id: str) -> Lesson:
        order = await self._work.aread(lambda reading: orders.get(reading, order_id))
        return lesson_of(order.day_number)

    async def next(self) -> str:
        placed = await self._work.awrite(lambda tx: headquarters.place(tx, self._goods, self._seed))
        if placed is None:
            raise NotNow(ENOUGH)
        return placed

    def keep_steady(self, on: bool) -> None:
        self._next_at = time.monotonic() if on else None
        self._woken.set()
        self._changes.changed()

    async def paper(self, number: int) -> bytes:
        slips = self._printer.slips
        if not 0 < number <= len(slips):
            raise NotFound(f"没有这张小票：{number}")
        return await asyncio.to_thread(slips[number - 1].png)

    async def knows(self, text: str) -> bool:
        return await self._work.aread(lambda reading: packs.known(reading, self._goods, text))

    def take(self, scan: Scan) -> bool:
        text = scan.raw.decode("utf-8", "replace")
        if not self._work.read(lambda reading: packs.known(reading, self._goods, text)):
            return False
        scanned = self._work.write(lambda tx: judging.scan(tx, scan.raw, scan.device, self._lookup))
        self._loop.call_soon_threadsafe(self._changes.verdict, told(scanned, scan.device))
        return True

    async def _run(self) -> None:
        failing = False
        while True:
            self._woken.clear()
            try:
                await self._work.awrite(headquarters.advance)
                await self._come_steadily()
                failing = False
            except Exception:  # the top of this loop: practice goes on
                if not failing:
                    log.exception("practice goes on after an error")
                failing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):  # `wait_for` of Python 3.11 may swallow being cancelled
                    await self._woken.wait()

    async def _come_steadily(self) -> None:
        """One a minute; while enough are open, the next comes when one is done."""
        if self._next_at is not None and time.monotonic() >= self._next_at:
            with suppress(NotNow):
                await self.next()
                self._next_at = time.monotonic() + STEADY_SECONDS

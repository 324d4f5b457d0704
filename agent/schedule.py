"""What happens by the clock: the report to the hub, and a look for slips whose time has come. The only importer of
apscheduler."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

REPORT_SECONDS, JITTER_SECONDS = 120, 24
"""While nothing changes: that a store is there its stream says."""
SOON = timedelta(seconds=1)
"""Within it headquarters sees that an order has arrived or a printer stands still; never more than one a second."""
DUE_SECONDS = 30
"""Printers wait for the next booked slip by themselves; this catches a clock that jumped or a PC that slept."""


class Schedule:
    """Runs in the event loop. A job that is late runs once, one that still runs is not begun again."""

    def __init__(self, *, report: Callable[[], Awaitable[None]], wake_printers: Callable[[], None]) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        every = IntervalTrigger(seconds=REPORT_SECONDS, jitter=JITTER_SECONDS, timezone=UTC)
        self._report = self._scheduler.add_job(report, every, id="report")
        self._scheduler.add_job(wake_printers, IntervalTrigger(seconds=DUE_SECONDS, timezone=UTC), id="due slips")

    def start(self) -> None:
        self._scheduler.start()

    def report_now(self) -> None:
        """The line came back, or this store was just paired. The next report follows in its time."""
        self._report.modify(next_run_time=datetime.now(UTC))

    def report_soon(self) -> None:
        """Something changed that headquarters looks at."""
        soon = datetime.now(UTC) + SOON
        if self._report.next_run_time is None or self._report.next_run_time > soon:
            self._report.modify(next_run_time=soon)

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

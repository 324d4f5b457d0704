"""When the jobs run. The only importer of apscheduler.

A job that is late (the PC slept, the loop was busy) runs once. A store's PC may be off every night, so one whose run
is overdue runs soon after the start. A clock that is set back would leave every job waiting for a time that is far
away: the schedule is then made anew.
"""

import asyncio
import logging
import random
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.job import Job as Entry
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from agent.jobs.job import Job
from agent.jobs.jobs import Jobs
from domain.times import CHINA, SECOND, Millis

log = logging.getLogger(__name__)

REPORT, DOCTOR = "report", "doctor"
SOON = timedelta(seconds=1)
"""Within it headquarters sees that an order has arrived or a printer stands still; never more than one a second."""
NIGHT = 3
"""The hour, China's time; each store has a minute of its own."""
WATCH_SECONDS = 30.0
JUMP_SECONDS = 5.0
"""A clock that goes back by more was set."""


class Schedule:
    """Runs in the event loop."""

    def __init__(self, *, watch_seconds: float = WATCH_SECONDS) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._jobs: Jobs | None = None
        self._watch_seconds = watch_seconds
        self._watching: asyncio.Task[None] | None = None

    async def start(self, jobs: Jobs) -> None:
        self._jobs = jobs
        await jobs.remember(self.next_at)
        for job in jobs:
            self._scheduler.add_job(
                partial(jobs.run, job.name),
                _trigger(job),
                id=job.name,
                next_run_time=_first(job, jobs.last_at(job.name)),
            )
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch_clock(), name="watching the clock")

    def next_at(self, name: str) -> Millis | None:
        entry = self._entry(name)
        return None if entry is None else round(entry.next_run_time.timestamp() * SECOND)

    def report_now(self) -> None:
        """The line came back, or this store was just paired. The next report follows in its time."""
        self.run_soon(REPORT, timedelta())

    def report_soon(self) -> None:
        """Something changed that headquarters looks at."""
        self.run_soon(REPORT, SOON)

    def diagnose_now(self) -> None:
        """Headquarters wants it; the report follows by itself."""
        self.run_soon(DOCTOR, timedelta())

    def run_soon(self, name: str, within: timedelta) -> None:
        """Unless it runs sooner by itself."""
        soon, entry = datetime.now(UTC) + within, self._entry(name)
        if entry is not None and entry.next_run_time > soon:
            entry.modify(next_run_time=soon)

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait((self._watching,))
        self._scheduler.shutdown(wait=False)
        if self._jobs is not None:
            await self._jobs.stop()

    def _entry(self, name: str) -> Entry | None:
        return self._scheduler.get_job(name)

    async def _watch_clock(self) -> None:
        """By a clock that nobody sets."""
        ahead = time.time() - time.monotonic()
        while True:
            await asyncio.sleep(self._watch_seconds)
            now = time.time() - time.monotonic()
            if now < ahead - JUMP_SECONDS:
                log.warning("this computer's clock was set back by %.0f s", ahead - now)
                self.begin_anew()
            ahead = now

    def begin_anew(self) -> None:
        """Every job by the clock as it is now."""
        for job in self._jobs or ():
            self._scheduler.reschedule_job(job.name, trigger=_trigger(job))


def _trigger(job: Job) -> BaseTrigger:
    if job.at_night:
        return CronTrigger(hour=NIGHT, minute=random.randrange(60), timezone=CHINA)
    return IntervalTrigger(seconds=job.every / SECOND, jitter=int(job.jitter / SECOND) or None, timezone=UTC)


def _first(job: Job, last_at: Millis | None) -> datetime:
    """After the last run's time if that lies ahead, else soon."""
    now = datetime.now(UTC)
    soon = now + timedelta(milliseconds=job.first)
    if last_at is None:
        return soon
    if job.at_night:
        due = datetime.fromtimestamp(last_at / SECOND, UTC) + timedelta(milliseconds=job.every)
        night = _trigger(job).get_next_fire_time(None, now)
        return night if due > now else soon
    due = datetime.fromtimestamp((last_at + job.every) / SECOND, UTC)
    return min(max(due, soon), now + timedelta(milliseconds=job.every))

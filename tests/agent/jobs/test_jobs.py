"""Scheduled jobs: what each run leaves, one that hangs, one that fails, a clock that is set back."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import AgentError, NotFound
from agent.files import WorkFile
from agent.jobs.job import Job, JobView, Outcome
from agent.jobs.jobs import Jobs
from agent.schedule import Schedule
from domain.times import DAY, HOUR, MINUTE, SECOND, Millis
from tests.agent.core.conftest import VirtualClock
from tests.awaiting import until


def job(do: Callable[[], Awaitable[str]], *, first: Millis = HOUR, every: Millis = DAY, at_night: bool = False,
        patience: Millis = HOUR) -> Job:  # fmt: skip
    return Job(name="one", do=do, every=every, first=first, at_night=at_night, patience=patience)


async def well() -> str:
    return "all of it"


async def refused() -> str:
    raise AgentError("no room")


async def broken() -> str:
    raise ZeroDivisionError("a bug")


def view(jobs: Jobs) -> JobView:
    return jobs.views[0]


def of(work: WorkFile, clock: VirtualClock, made: Job) -> Jobs:
    return Jobs([made], work=work, clock=clock, on_change=lambda: None)


@asynccontextmanager
async def scheduled(jobs: Jobs, **fields: float) -> AsyncIterator[Schedule]:
    schedule = Schedule(**fields)
    await schedule.start(jobs)
    try:
        yield schedule
    finally:
        await schedule.stop()


def test_a_run_is_told_and_kept(work: WorkFile, clock: VirtualClock) -> None:
    async def run() -> None:
        jobs = of(work, clock, job(well))
        assert view(jobs).outcome is Outcome.NEVER
        await jobs.run("one")
        later = of(work, clock, job(well))
        await later.remember(lambda _: None)
        for each in (jobs, later):
            shown = view(each)
            assert (shown.outcome, shown.detail, shown.last_at, shown.well_at) == (
                "ok",
                "all of it",
                clock.at,
                clock.at,
            )
            assert each.reports[0].outcome == "ok" and each.failed == ()

    asyncio.run(run())


@pytest.mark.parametrize(("do", "says"), [(refused, "no room"), (broken, "ZeroDivisionError: a bug")])
def test_a_failure_is_told_with_the_last_success(
    work: WorkFile, clock: VirtualClock, do: Callable[[], Awaitable[str]], says: str
) -> None:
    async def run() -> None:
        await of(work, clock, job(well)).run("one")
        first = clock.at
        clock.advance(HOUR)
        jobs = of(work, clock, job(do))
        await jobs.remember(lambda _: None)
        await jobs.run("one")
        shown = view(jobs)
        assert (shown.outcome, shown.detail, shown.well_at, shown.last_at) == ("failed", says, first, clock.at)
        assert jobs.failed == ("one",)

    asyncio.run(run())


def test_one_that_hangs_is_shown_and_holds_up_no_other(work: WorkFile, clock: VirtualClock) -> None:
    async def run() -> None:
        forever = asyncio.Event()

        async def hanging() -> str:
            await forever.wait()
            return ""

        jobs = Jobs(
            [job(hanging, patience=MINUTE), Job(name="other", do=well, every=DAY)],
            work=work, clock=clock, on_change=lambda: None,
        )  # fmt: skip
        jobs.begin("one")
        await asyncio.sleep(0)
        await jobs.run("one")  # returns at once: it runs already
        await jobs.run("other")
        assert (view(jobs).hangs, jobs.views[1].outcome) == (False, "ok")
        clock.advance(MINUTE + SECOND)
        assert (view(jobs).hangs, jobs.reports[0].outcome, jobs.failed) == (True, "hangs", ("one",))
        forever.set()
        await until(lambda: view(jobs).outcome == "ok")
        assert not view(jobs).hangs
        with pytest.raises(NotFound):
            jobs.begin("nobody")

    asyncio.run(run())


def test_a_frequent_job_is_written_down_when_it_changes_only(work: WorkFile, clock: VirtualClock) -> None:
    async def run() -> None:
        answers = iter([True, True, False, False, True])

        async def now_and_then() -> str:
            if next(answers):
                return ""
            raise AgentError("no")

        jobs, writes = of(work, clock, job(now_and_then, every=MINUTE)), 0

        def count() -> None:
            nonlocal writes
            writes += 1

        jobs._on_change = count
        for _ in range(5):
            await jobs.run("one")
        assert writes == 3

    asyncio.run(run())


def test_an_overdue_job_runs_soon_after_the_start_and_another_at_its_time(work: WorkFile, clock: VirtualClock) -> None:
    async def run() -> None:
        clock.at = round(datetime.now(UTC).timestamp() * SECOND)
        async with scheduled(of(work, clock, job(well, first=MINUTE, at_night=True))) as schedule:
            assert _minutes_to(schedule) < 2
        await of(work, clock, job(well)).run("one")
        async with scheduled(of(work, clock, job(well, first=MINUTE, at_night=True))) as schedule:
            at = datetime.fromtimestamp((schedule.next_at("one") or 0) / SECOND, UTC)
            assert at.hour == 19, "three in the morning in China"
        clock.advance(-3 * DAY)
        await of(work, clock, job(well)).run("one")
        async with scheduled(of(work, clock, job(well, first=MINUTE, at_night=True))) as schedule:
            assert _minutes_to(schedule) < 2, "a computer that is off every night gets its backup by day"

    asyncio.run(run())


def test_the_schedule_runs_what_is_due(work: WorkFile, clock: VirtualClock) -> None:
    async def run() -> None:
        ran = asyncio.Event()

        async def note() -> str:
            ran.set()
            return ""

        async with scheduled(of(work, clock, job(note, every=HOUR, first=0))):
            await asyncio.wait_for(ran.wait(), 30)

    asyncio.run(run())


def test_a_clock_that_was_set_back_leaves_no_job_waiting_for_years(work: WorkFile, clock: VirtualClock) -> None:
    async def run() -> None:
        async with scheduled(of(work, clock, job(well, every=MINUTE, first=0))) as schedule:
            entry = schedule._entry("one")
            assert entry is not None
            entry.modify(next_run_time=datetime.now(UTC) + timedelta(days=400))
            schedule.begin_anew()
            assert _minutes_to(schedule) < 2

    asyncio.run(run())


def test_the_watch_notices_a_clock_set_back(
    work: WorkFile, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        anew = asyncio.Event()
        async with scheduled(of(work, clock, job(well)), watch_seconds=0.01) as schedule:
            monkeypatch.setattr(schedule, "begin_anew", anew.set)
            await asyncio.sleep(0.05)
            assert not anew.is_set()
            real = time.time
            monkeypatch.setattr(time, "time", lambda: real() - 3600)
            await asyncio.wait_for(anew.wait(), 30)
            monkeypatch.undo()

    asyncio.run(run())


def _minutes_to(schedule: Schedule) -> float:
    at = schedule.next_at("one")
    assert at is not None
    return (at / SECOND - datetime.now(UTC).timestamp()) / 60

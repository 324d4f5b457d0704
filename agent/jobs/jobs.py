"""Running the jobs: each at most once at a time, none in another's way. Lives in the event loop's thread."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec

from agent.errors import AgentError, NotFound
from agent.files import WorkFile
from agent.jobs import runs
from agent.jobs.job import OFTEN, Job, JobView, Outcome
from agent.jobs.runs import Run
from domain.protocol import JobReport
from domain.times import Clock, Millis

log = logging.getLogger(__name__)

_LONGEST_DETAIL = 300


class Jobs:
    def __init__(self, jobs: Iterable[Job], *, work: WorkFile, clock: Clock, on_change: Callable[[], None]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._work, self._clock, self._on_change = work, clock, on_change
        self._runs: dict[str, Run] = {}
        self._running: dict[str, Millis] = {}
        self._by_hand = set[asyncio.Task[None]]()
        self._next_at: Callable[[str], Millis | None] = lambda _: None

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    async def remember(self, next_at: Callable[[str], Millis | None]) -> None:
        """How they went before; `next_at` asks the schedule."""
        self._runs, self._next_at = await self._work.aread(runs.last), next_at

    def last_at(self, name: str) -> Millis | None:
        run = self._runs.get(name)
        return None if run is None else run.began_at

    @property
    def views(self) -> tuple[JobView, ...]:
        return tuple(map(self._view, self._jobs.values()))

    @property
    def failed(self) -> tuple[str, ...]:
        """Those that people should look at."""
        return tuple(view.name for view in self.views if view.hangs or view.outcome is Outcome.FAILED)

    @property
    def reports(self) -> tuple[JobReport, ...]:
        return tuple(
            JobReport(
                view.name,
                view.last_at,
                view.next_at,
                "hangs" if view.hangs else view.outcome,
                view.detail,
                view.well_at,
            )
            for view in self.views
        )

    def begin(self, name: str) -> None:
        """Somebody wants it now. Raises NotFound. One that runs already goes on."""
        if name not in self._jobs:
            raise NotFound(f"没有这个任务：{name}")
        task = asyncio.create_task(self.run(name), name=f"job {name} by hand")
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)

    async def run(self, name: str) -> None:
        if name in self._running:
            return
        job, began = self._jobs[name], self._clock()
        self._running[name] = began
        if job.every > OFTEN:
            self._on_change()
        try:
            outcome, detail = await _done(job)
        finally:
            del self._running[name]
        await self._keep(job, began, outcome, detail[:_LONGEST_DETAIL])

    async def stop(self) -> None:
        """Those begun by hand; the schedule ends the others."""
        for task in tuple(self._by_hand):
            task.cancel()
        await asyncio.gather(*self._by_hand, return_exceptions=True)

    async def _keep(self, job: Job, began: Millis, outcome: Outcome, detail: str) -> None:
        before, now = self._runs.get(job.name), self._clock()
        well_at = now if outcome is Outcome.OK else before.well_at if before is not None else None
        run = Run(began, max(now - began, 0), outcome, detail, well_at)
        self._runs[job.name] = run
        changed = before is None or before.outcome is not outcome
        if job.every <= OFTEN and not changed:
            return
        self._on_change()
        try:
            await self._work.awrite(partial(runs.put, name=job.name, run=run))
        except AgentError as error:
            log.warning("the run of %s is not written down: %s", job.name, error)

    def _view(self, job: Job) -> JobView:
        since, run = self._running.get(job.name), self._runs.get(job.name)
        view = JobView(job.name, job.every, next_at=self._next_at(job.name), running_since=since)
        if since is not None:
            view = msgspec.structs.replace(view, hangs=self._clock() - since > job.patience)
        if run is None:
            return view
        return msgspec.structs.replace(
            view,
            outcome=run.outcome,
            detail=run.detail,
            last_at=run.began_at,
            took=run.took_ms,
            well_at=run.well_at,
        )


async def _done(job: Job) -> tuple[Outcome, str]:
    try:
        return Outcome.OK, await job.do()
    except AgentError as error:
        log.warning("the job %s failed: %s", job.name, error)
        return Outcome.FAILED, str(error)
    except Exception as error:  # whatever it is: the page says so, and the job runs again at its time
        log.exception("the job %s failed", job.name)
        return Outcome.FAILED, f"{type(error).__name__}: {error}"

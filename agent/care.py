"""The part of the agent that looks after the rest: its files, its disk, its jobs, its own diagnosis. Lives in the event
loop's thread."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agent.config import Settings
from agent.doctor.diagnosis import Diagnosis
from agent.doctor.findings import Finding
from agent.files import CacheFile, WorkFile
from agent.follower import FollowedLog
from agent.following import Following
from agent.in_loop import in_loop
from agent.jobs.jobs import Jobs
from agent.jobs.of_agent import Needed, jobs
from agent.line import Line
from agent.reconciling import Reconciling
from agent.storage.opening import Prepared
from agent.storage.room import Room
from agent.storage.watch import FilesDamaged, Watch


class Care:
    def __init__(
        self,
        *,
        work: WorkFile,
        cache: CacheFile,
        prepared: Prepared,
        line: Line,
        following: Following,
        logs: Callable[[], Awaitable[Sequence[FollowedLog]]],
        settings: Callable[[], Settings],
        examine: Callable[[], Awaitable[Sequence[Finding]]],
        has_old_key: Callable[[], Awaitable[bool]],
        wake_printers: Callable[[], None],
        on_change: Callable[[], None],
        on_diagnosis: Callable[[], None],
    ) -> None:
        self._damaged = asyncio.Event()
        self.diagnosis = Diagnosis(examine, work.now, on_diagnosis)
        self.room = Room(work.path.parent, (work, cache))
        self._watch = Watch((work, cache), prepared, self.room, in_loop(self._damaged.set))
        needed = Needed(
            settings=settings, work=work, line=line, following=following, watch=self._watch,
            reconciling=Reconciling(following, logs, line, work=work, cache=cache), wake_printers=wake_printers,
            examine=self.diagnosis.examine, has_old_key=has_old_key,
        )  # fmt: skip
        self.jobs = Jobs(jobs(needed), work=work, clock=work.now, on_change=on_change)

    async def until_damaged(self) -> None:
        """Returns never, or raises FilesDamaged: the service must end for the next start to mend the files."""
        await self._damaged.wait()
        raise FilesDamaged(self._watch.why, hint="The agent starts again and rebuilds the file.", retryable=True)

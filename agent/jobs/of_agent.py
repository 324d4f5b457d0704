"""Every job of the agent, in the order in which people read them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from agent import time_floor
from agent.config import Settings
from agent.doctor import aside
from agent.files import WorkFile
from agent.following import Following
from agent.jobs.job import REPORT_EVERY, Job
from agent.line import Line, LineState
from agent.reconciling import Reconciling
from agent.schedule import DOCTOR, REPORT
from agent.storage import backups, setting_aside
from agent.storage.retention import remove_old
from agent.storage.watch import Watch
from domain.times import DAY, HOUR, MINUTE, SECOND, Millis

T = TypeVar("T")

BACKUP, CHECK, RETENTION, DISK = "backup", "check", "retention", "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What the jobs work with."""

    settings: Callable[[], Settings]
    work: WorkFile
    line: Line
    following: Following
    reconciling: Reconciling
    watch: Watch
    wake_printers: Callable[[], None]
    examine: Callable[[], Awaitable[str]]
    has_old_key: Callable[[], Awaitable[bool]]


def jobs(needed: Needed) -> tuple[Job, ...]:
    return (
        Job(name=REPORT, do=partial(_report, needed), every=REPORT_EVERY, jitter=MINUTE, first=REPORT_EVERY,
            patience=2 * MINUTE),
        Job(name="slips", do=partial(_wake_printers, needed), every=30 * SECOND, first=30 * SECOND, patience=MINUTE),
        Job(name="reconcile", do=needed.reconciling, every=10 * MINUTE, jitter=MINUTE, first=5 * MINUTE),
        Job(name=DISK, do=partial(_apart, needed.watch.look_at_disk, DISK), every=MINUTE, first=5 * SECOND),
        Job(name="clock", do=partial(_note_time, needed), every=10 * MINUTE, first=30 * SECOND),
        Job(name=DOCTOR, do=needed.examine, every=HOUR, jitter=5 * MINUTE, first=2 * MINUTE),
        Job(name=CHECK, do=partial(_check, needed), every=DAY, first=10 * MINUTE, at_night=True, patience=HOUR),
        Job(name=BACKUP, do=partial(_back_up, needed), every=DAY, first=2 * MINUTE, at_night=True, patience=HOUR),
        Job(name=RETENTION, do=partial(_remove_old, needed), every=DAY, first=15 * MINUTE, at_night=True,
            patience=2 * HOUR),
        Job(name="rotation", do=partial(_renew_key, needed), every=DAY, first=20 * MINUTE),
    )  # fmt: skip


async def _apart(work: Callable[[], T], name: str) -> T:
    """What blocks, in a thread that nobody waits for at the end."""
    return await asyncio.wrap_future(aside.begin(work, f"job {name}"))


async def _report(needed: Needed) -> str:
    await needed.following.send_report()
    return ""


async def _wake_printers(needed: Needed) -> str:
    needed.wake_printers()
    return ""


async def _note_time(needed: Needed) -> str:
    view = needed.line.view
    ahead: Millis | None = view.clock_off if view.state is LineState.ONLINE else None
    await needed.work.awrite(partial(time_floor.note, hub_ahead=ahead))
    return "by headquarters' clock" if ahead is not None else "by this computer's clock"


async def _check(needed: Needed) -> str:
    if needed.watch.left:
        await _apart(needed.watch.check_rest, CHECK)
    return await _apart(needed.watch.check_whole, CHECK)


async def _back_up(needed: Needed) -> str:
    folder = needed.work.path.parent
    made = await _apart(lambda: backups.back_up(folder, needed.work.now), BACKUP)
    return f"{made.name}, {made.stat().st_size >> 20} MB"


async def _remove_old(needed: Needed) -> str:
    removed = await remove_old(needed.work, needed.settings().keep)
    folder, now = needed.work.path.parent, await needed.work.aread(time_floor.surely)
    gone = await _apart(lambda: setting_aside.forget_old(folder, now), RETENTION)
    return f"{removed}" + (f", {gone} damaged files" if gone else "")


async def _renew_key(needed: Needed) -> str:
    """The key by which headquarters knows this agent lives for a year."""
    if needed.line.view.state is not LineState.ONLINE or not await needed.has_old_key():
        return "not yet"
    await needed.following.change_key()
    return "the key was renewed"

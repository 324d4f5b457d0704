"""What a person should look at, from both data files: events that could not be applied, logs that stand still, and
operations that the hub did not take."""

import msgspec

from agent import outbox, quarantine, stopped_logs
from agent.files import CacheFile, WorkFile
from agent.outbox import Undelivered
from agent.quarantine import Kept
from agent.stopped_logs import Stopped
from agent.transactions import Reading
from domain.protocol import MOST_SET_ASIDE, SetAside

MOST_LISTED = 200


class Counts(msgspec.Struct, frozen=True):
    events: int = 0
    operations: int = 0
    stopped: tuple[Stopped, ...] = ()


class Listed(msgspec.Struct, frozen=True):
    """The oldest first, at most so many of each; the counts are whole."""

    counts: Counts
    events: tuple[Kept, ...]
    operations: tuple[Undelivered, ...]
    refused: tuple[Undelivered, ...]
    """Requests that the hub said no to, the newest first; not counted, since their orders say so."""


async def counts(work: WorkFile, cache: CacheFile) -> Counts:
    return together(await work.aread(of_work), await cache.aread(of_cache))


def together(ours: Counts, theirs: Counts) -> Counts:
    return Counts(ours.events + theirs.events, ours.operations + theirs.operations, ours.stopped + theirs.stopped)


async def listed(work: WorkFile, cache: CacheFile, most: int = MOST_LISTED) -> Listed:
    def in_work(view: Reading) -> tuple[Counts, tuple[Kept, ...], tuple[Undelivered, ...], tuple[Undelivered, ...]]:
        return of_work(view), quarantine.listed(view, most), outbox.undelivered(view, most), outbox.refused(view, most)

    def in_cache(view: Reading) -> tuple[Counts, tuple[Kept, ...]]:
        return of_cache(view), quarantine.listed(view, most)

    ours, kept, operations, refused = await work.aread(in_work)
    theirs, kept_there = await cache.aread(in_cache)
    events = sorted(kept + kept_there, key=lambda one: (one.set_aside_at, one.log, one.seq))
    return Listed(together(ours, theirs), tuple(events[:most]), operations, refused)


def of_work(reading: Reading) -> Counts:
    return Counts(quarantine.count(reading), outbox.undelivered_count(reading), stopped_logs.all_of(reading))


def of_cache(reading: Reading) -> Counts:
    return Counts(quarantine.count(reading), 0, stopped_logs.all_of(reading))


async def reported(work: WorkFile, cache: CacheFile) -> tuple[Counts, tuple[SetAside, ...], tuple[SetAside, ...]]:
    """For headquarters: how many in all, and the oldest of each. A log that stands still comes first."""
    seen = await listed(work, cache, MOST_SET_ASIDE)
    stopped = [
        SetAside(one.kind, one.seq, f"{one.log} stops before it: {one.why}", "", one.at) for one in seen.counts.stopped
    ]
    events = [SetAside(one.kind, one.seq, one.why, one.order_id or "", one.set_aside_at) for one in seen.events]
    operations = tuple(
        SetAside(one.kind, one.number, f"{one.state}: {one.reason}", one.order_id or "", one.settled_at)
        for one in seen.operations
    )
    return seen.counts, (*stopped, *events)[:MOST_SET_ASIDE], operations

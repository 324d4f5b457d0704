"""One scheduled job, and how it stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from domain.times import MINUTE, Millis


class Outcome(StrEnum):
    NEVER = ""
    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`do` answers with a few English words on what it did, and raises what went wrong. It runs in the event loop and
    must not block it. `every` counts from run to run; a job `at_night` has its hour instead."""

    name: str
    do: Callable[[], Awaitable[str]]
    every: Millis
    jitter: Millis = 0
    first: Millis = MINUTE
    """After the start, where a run is overdue."""
    at_night: bool = False
    patience: Millis = 5 * MINUTE
    """One that runs for longer hangs."""


class JobView(msgspec.Struct, frozen=True):
    """`took` is the last run's length; `well_at` when it last succeeded, which may be before that. `running_since` is
    None while it rests; `hangs` where that was too long ago."""

    name: str
    every: Millis
    outcome: Outcome = Outcome.NEVER
    detail: str = ""
    last_at: Millis | None = None
    took: Millis = 0
    well_at: Millis | None = None
    next_at: Millis | None = None
    running_since: Millis | None = None
    hangs: bool = False


OFTEN: Millis = 10 * MINUTE
"""A job that runs more often is written down when its outcome changes, not at each run: every write is a sync."""
REPORT_EVERY: Millis = 5 * MINUTE
"""While nothing changes: that a store is there its stream says. Reports are most of what ten thousand idle stores cost
the hub."""

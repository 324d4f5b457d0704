"""How long a slip may take, from its height (facts/devices.md §3.3)."""

import time

from drivers.printers.base import Job

_SLOWEST_MM_S, _FASTEST_MM_S = 60, 500
_MARGIN_S = 5.0


def longest(job: Job) -> float:
    """Seconds in which the slowest printer has printed it."""
    return job.height_mm / _SLOWEST_MM_S


def shortest(job: Job) -> float:
    """Seconds in which no printer has printed it."""
    return job.height_mm / _FASTEST_MM_S


class Patience:
    """With a printer that is not blocked: three times what it may need, and a margin."""

    def __init__(self, job: Job) -> None:
        self._seconds = 3 * longest(job) + _MARGIN_S
        self.renew()

    def renew(self) -> None:
        self._until = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        return time.monotonic() > self._until

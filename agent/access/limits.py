"""How often somebody may ask.

All callers share the address 127.0.0.1, so they are told apart by what they proved: each session and the token have a
measure of their own, and strangers share one. Whoever proves himself is never counted as a stranger: no other program,
however noisy, can keep the clerk out.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    at_once: float


KNOWN = Rate(100.0, 300.0)
"""A page asks a few times a second, a till's program perhaps thirty times."""
STRANGERS = Rate(10.0, 40.0)
"""Guessing a secret of 256 bits is hopeless anyhow; this keeps it from costing anything."""


class Bucket:
    """`at_once` requests in a moment, `per_second` for long."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left, self._at = rate.at_once, clock()

    def take(self) -> bool:
        now = self._clock()
        self._left = min(self._rate.at_once, self._left + (now - self._at) * self._rate.per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

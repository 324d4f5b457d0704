"""Waiting for what must happen soon, without guessing how soon."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str, within: float = 60.0, *, every: float = 0.03) -> T:
    """The first answer that is not None, False or empty; fails with what was waited for."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        time.sleep(every)


def until(met: Callable[[], object], within: float = 30.0) -> None:
    """Of what costs nothing to look at, and where the line that waits says what for."""
    eventually(met, "it did not come to pass", within, every=0.005)


def never(look: Callable[[], object], what: str, for_: float = 1.5) -> None:
    """Fails as soon as it happens."""
    deadline = time.monotonic() + for_
    while time.monotonic() < deadline:
        if look():
            raise AssertionError(f"happened: {what}")
        time.sleep(0.03)

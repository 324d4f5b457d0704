"""The same orders for every server while the kills last, each server at its own speed but none far ahead."""

import threading
import time
from collections.abc import Sequence

from benchmarks import crowd
from benchmarks.beside_mqtt.sources import Source

FIRST = 100_000
"""Orders handed over before have lower numbers."""
AHEAD = 20
LONGEST_SECONDS = 120.0


class Feeding:
    """Begins at once. One thread for each server."""

    def __init__(self, sources: Sequence[Source], stores: int, per_second: float) -> None:
        self._stores, self._rest = stores, 1 / per_second
        self._next = [FIRST] * len(sources)
        self._last: int | None = None
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._feed, args=one, daemon=True) for one in enumerate(sources)]
        for thread in self._threads:
            thread.start()

    def wait_taken(self) -> None:
        """Until every server has taken an order that nobody had before."""
        wanted = max(self._next) + 1
        deadline = time.monotonic() + LONGEST_SECONDS
        while min(self._next) < wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the servers stand at orders {self._next}")
            time.sleep(0.02)

    def end(self) -> None:
        """Once every server has taken the same orders."""
        self._last = max(self._next) + AHEAD
        self._over.set()
        for thread in self._threads:
            thread.join(LONGEST_SECONDS)
        if set(self._next) != {self._last}:
            raise RuntimeError(f"the servers stand at orders {self._next} of {self._last}")

    def _feed(self, place: int, source: Source) -> None:
        while self._last is None or self._next[place] < self._last:
            if self._next[place] < min(self._next) + AHEAD:
                source.hand_over(self._next[place], crowd.shop(self._next[place] % self._stores))
                self._next[place] += 1
            self._over.wait(self._rest)

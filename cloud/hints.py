"""Hints: "this log has news", told to whoever follows it in this process. They may be lost: a follower also looks at
every heartbeat, and only what it reads from the log counts (design.md §4)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

Wake = Callable[[str], None]
"""Called in the event loop's thread with the name of the log; must not block."""


class Hints:
    def __init__(self) -> None:
        self._followers: defaultdict[str, set[Wake]] = defaultdict(set)

    def publish(self, logs: Iterable[str]) -> None:
        for log in logs:
            for wake in tuple(self._followers.get(log, ())):
                wake(log)

    @contextmanager
    def following(self, logs: Iterable[str], wake: Wake) -> Iterator[None]:
        followed = tuple(logs)
        for log in followed:
            self._followers[log].add(wake)
        try:
            yield
        finally:
            for log in followed:
                self._followers[log].discard(wake)
                if not self._followers[log]:
                    del self._followers[log]

    def count(self) -> int:
        """Followed logs, over all followers."""
        return sum(len(followers) for followers in self._followers.values())

"""Hints: "this log has news", told to whoever follows it in this process. They may be lost: a follower also looks at
every heartbeat, and only what it reads from the log counts (design.md §4)."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

Wake = Callable[[str], None]
"""Called in the event loop's thread with the name of the log; must not block."""
AT_ONCE = 100
"""A log that the whole chain follows wakes so many, lets everything else have its turn, and goes on: what concerns one
store does not wait behind ten thousand."""


class Hints:
    def __init__(self) -> None:
        self._followers: defaultdict[str, set[Wake]] = defaultdict(set)

    def publish(self, logs: Iterable[str]) -> None:
        for log in logs:
            if followers := self._followers.get(log):
                self._wake(log, tuple(followers), 0)

    def _wake(self, log: str, followers: Sequence[Wake], first: int) -> None:
        beyond = first + AT_ONCE
        for wake in followers[first:beyond]:
            wake(log)
        if beyond < len(followers):
            asyncio.get_running_loop().call_soon(self._wake, log, followers, beyond)

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

"""An event loop whose time is a number: nobody waits, and one seed is one execution.

There are no sockets, no signals and no threads: what product code would hand to an executor runs at once, in place.
When every task waits and no timer is set, nothing can ever happen again: that is an error, not a hang.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class NothingLeft(RuntimeError):
    """Every task waits for another, for ever."""


class _Time:
    """In the place of a selector: where others sleep, it moves the clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rounds = 0

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise NothingLeft("every task waits and no timer is set")
        self.now += timeout
        self.rounds += 1
        return []

    def close(self) -> None:
        """There is nothing to let go."""


class VirtualLoop(asyncio.BaseEventLoop):
    _selector: _Time

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Time()

    def time(self) -> float:
        return self._selector.now

    @property
    def steps(self) -> int:
        """Rounds of the loop so far."""
        return self._selector.rounds

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        answer: asyncio.Future[T] = self.create_future()
        try:
            answer.set_result(func(*args))
        except Exception as error:
            answer.set_exception(error)
        return answer

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""

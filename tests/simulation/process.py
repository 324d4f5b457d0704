"""A process that can die at any instant: every task that it or its tasks started ends without another word.

What a task does between its cancelling and its end must not count: the files and wires of a dead process take nothing.
"""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from tests.simulation.programs import NEWEST, Program, Stepped

T = TypeVar("T")
_OURS: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("process", default=None)
BURIALS = 20
"""So often what is left of a dead process is cancelled again; a task that outlives them all is a flaw to look at."""


class Process:
    def __init__(self, name: str, program: Program = NEWEST) -> None:
        self.name, self.alive, self.program = name, True, program
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._at_death: list[Callable[[], None]] = []

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        context = contextvars.copy_context()
        context.run(_OURS.set, self)
        return asyncio.get_running_loop().create_task(work, context=context)

    def at_death(self, last: Callable[[], None]) -> None:
        self._at_death.append(last)

    def die(self) -> None:
        if not self.alive:
            return
        self.alive = False
        for last in self._at_death:
            last()
        self._bury(BURIALS)

    def adopt(self, task: asyncio.Task[Any]) -> None:
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))
        if not self.alive:
            task.cancel()

    def _bury(self, times: int) -> None:
        """A task may have caught its cancelling, as code that tidies up does."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks and times:
            asyncio.get_running_loop().call_later(1.0, self._bury, times - 1)
        elif self._tasks:
            raise AssertionError(f"{self.name} is dead and still does {list(self._tasks)}")


def current() -> Process | None:
    return _OURS.get()


def own_tasks(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, T] | Generator[Any, None, T],
    context: contextvars.Context | None = None,
) -> asyncio.Task[T]:
    """The loop's task factory: a task belongs to the process whose code started it."""
    owner = _OURS.get() if context is None else context.get(_OURS)
    if owner is None:
        return asyncio.Task(work, loop=loop, context=context)
    if owner.program.is_older:
        work = Stepped(work, owner.program)
    task = asyncio.Task(work, loop=loop, context=context)
    owner.adopt(task)
    return task

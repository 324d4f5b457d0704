"""As `tests/waiting.py`, where an event loop must go on meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], object], *, within: float = 30.0) -> None:
    """The line that waits says what for."""
    deadline = asyncio.get_running_loop().time() + within
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"did not come true within {within:g} s")
        await asyncio.sleep(0.005)


async def seen(look: Callable[[], Awaitable[T]], holds: Callable[[T], object], *, within: float = 30.0) -> T:
    """What was found once it holds; fails with what was found last."""
    deadline = asyncio.get_running_loop().time() + within
    while not holds(found := await look()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not seen within {within:g} s: {found}")
        await asyncio.sleep(0.01)
    return found

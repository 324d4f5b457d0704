"""The way from other threads into the event loop."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec

P = ParamSpec("P")


def in_loop(step: Callable[P, object]) -> Callable[P, None]:
    """For threads to call: `step` then runs in the loop that runs now, after what it is doing."""
    loop = asyncio.get_running_loop()

    def tell(*args: P.args, **named: P.kwargs) -> None:
        loop.call_soon_threadsafe(partial(step, *args, **named))

    return tell

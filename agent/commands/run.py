"""`run`: the agent itself, until it is told to stop."""

import argparse
import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from agent.commands.base import CANNOT_START, Command
from agent.config import Settings
from agent.errors import StorageError
from agent.system import signals

MENDING_HELPS_S = 600.0
"""A data file found damaged again within it has a disk that fails."""
StopHook = Callable[[asyncio.AbstractEventLoop, asyncio.Event], None]
"""Makes whoever may stop the agent set the event."""


def run(settings: Settings, config: Path, stop_hook: StopHook) -> None:
    """Returns once the agent was told to stop and has stopped."""
    from agent import last_words
    from agent.service import serve  # costs half a second that the other commands need not spend
    from agent.storage.watch import FilesDamaged

    async def until_told() -> None:
        stop = asyncio.Event()
        stop_hook(asyncio.get_running_loop(), stop)
        mended_at: float | None = None
        while True:
            try:
                await serve(settings, stop, config=config)
                return
            except FilesDamaged:
                if mended_at is not None and time.monotonic() - mended_at < MENDING_HELPS_S:
                    raise  # the service manager starts us again, later
                mended_at = time.monotonic()
            except StorageError as error:
                last_words.leave(error)
                raise

    asyncio.run(until_told())


def _run(settings: Settings, options: argparse.Namespace) -> int:
    run(settings, options.config, signals.stop_on_signals)
    return 0


COMMAND = Command("run", "run the agent until it is told to stop (Ctrl-C, SIGTERM)", _run, failed=CANNOT_START)

"""Fetches snapshots of chain-wide logs in the background, beside the store's own log: a long download, or one that
turns out to be unusable, keeps no order waiting."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from agent.errors import AgentError
from agent.hub_errors import HubRefused, HubUnreachable
from agent.patience import Backoff, Patience, Spread
from agent.stopped_logs import LogStopped
from domain.protocol import Cursor

log = logging.getLogger(__name__)


class Beside:
    """One background task for each log whose snapshot is being fetched. Lives in the event loop's thread."""

    def __init__(self, patience: Patience, spread: Spread) -> None:
        self._patience, self._spread = patience, spread
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, replace: Callable[[], Awaitable[Cursor]]) -> None:
        """`replace` fetches and loads the snapshot. Does nothing where a task for this log is running already."""
        if name not in self._tasks:
            self._tasks[name] = task = asyncio.create_task(self._until_done(name, replace), name=f"snapshot of {name}")
            task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_done(self, name: str, replace: Callable[[], Awaitable[Cursor]]) -> None:
        """Tries until it succeeds or the hub refuses. A refusal for good (revoked, frozen) is the follower's to handle:
        it meets the same answer."""
        backoff = Backoff(self._patience, self._spread)
        while True:
            try:
                await replace()
            except HubUnreachable as error:
                log.info("the snapshot of %s waits: %s", name, error)
                await asyncio.sleep(backoff.next(error.retry_after))
            except HubRefused as error:
                log.warning("no snapshot of %s: %s", name, error)
                return
            except LogStopped as error:
                log.debug("%s", error)
                await asyncio.sleep(backoff.next())
            except AgentError as error:
                log.error("the snapshot of %s was not taken: %s", name, error)
                await asyncio.sleep(backoff.next())
            except Exception:  # the top of this loop: without its snapshot the log would stand for ever
                log.exception("taking the snapshot of %s failed; it is tried again", name)
                await asyncio.sleep(backoff.next())
            else:
                return

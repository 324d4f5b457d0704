"""Tells the system's service manager how the agent is: ready once its page really answers, alive for as long as it
works, stopping when it stops."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from agent.errors import AgentError, FileClosed
from agent.files import WorkFile

log = logging.getLogger(__name__)

_ASK_AGAIN_S = 0.02
_HEALTH = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n"


class ServiceManager(Protocol):
    """As `agent.system.service_manager` talks to it: systemd, or Windows' service control manager."""

    def announce_ready(self) -> None: ...
    def announce_stopping(self) -> None: ...
    def watchdog_seconds(self) -> float | None: ...
    def pet(self) -> None: ...


@asynccontextmanager
async def signs_of_life(manager: ServiceManager, port: int, work: WorkFile) -> AsyncIterator[None]:
    """For the time in which the agent serves: everything is open when it begins, and when it ends."""
    telling = asyncio.create_task(_tell(manager, port, work))
    telling.add_done_callback(_log_failure)
    try:
        yield
    finally:
        manager.announce_stopping()
        telling.cancel()
        await asyncio.wait((telling,))


async def _tell(manager: ServiceManager, port: int, work: WorkFile) -> None:
    await _answering(port)
    manager.announce_ready()
    patience = manager.watchdog_seconds()
    while patience is not None:
        await _prove_life(work)
        manager.pet()
        await asyncio.sleep(patience / 2)


async def _answering(port: int) -> None:
    while True:
        if await _answers(port):
            return
        await asyncio.sleep(_ASK_AGAIN_S)


async def _answers(port: int) -> bool:
    """Whether the page's server says that it is well, asked as a browser would ask."""
    try:
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        try:
            writing.write(_HEALTH.format(port).encode())
            return b" 200 " in await reading.readline()
        finally:
            writing.close()
    except OSError:
        return False


async def _prove_life(work: WorkFile) -> None:
    """Returns once the event loop and the work file's writer went round. A file that says why it cannot write is
    alive: starting again would not mend a full disk."""
    try:
        await work.awrite(lambda transaction: None)
    except FileClosed:
        raise
    except AgentError as error:
        log.debug("the work file answers, but cannot be written: %s", error)


def _log_failure(telling: asyncio.Task[None]) -> None:
    """Whoever no longer tells is restarted by a watchdog; the log has the reason."""
    if not telling.cancelled() and (failure := telling.exception()) is not None:
        log.error("the service manager is no longer told that the agent lives", exc_info=failure)

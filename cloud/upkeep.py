"""A chore of the hub again and again, whatever becomes of it each time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from cloud.errors import HubError

log = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[None]]


async def every(seconds: float, chore: Chore, what: str) -> None:
    """Until cancelled. A failure is logged once, and so is its end; the chore comes again."""
    failing = False
    while True:
        try:
            await chore()
        except HubError as error:
            if not failing:
                log.warning("%s waits: %s", what, error)
            failing = True
        except Exception:  # a chore that broke once must not end for good
            log.exception("%s broke off", what)
            failing = True
        else:
            if failing:
                log.info("%s goes on", what)
            failing = False
        await asyncio.sleep(seconds)

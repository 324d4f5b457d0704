"""When Python looks for garbage in cycles. By itself it walks over everything there is whenever that has grown by a
quarter: with ten thousand streams it stands still for up to a second each time, just while they come back.

What a request leaves behind is young, and still found at once; everything is walked over by the hour.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Coroutine

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
YOUNG = (20_000, 10)
"""So many new objects are looked through, and every tenth time those that outlived it."""
NEVER = 1_000_000


async def removing_beside(work: Coroutine[object, object, None]) -> None:
    """Does this work, the whole of what the process is for."""
    removing = asyncio.create_task(_remove_by_the_hour())
    try:
        await work
    finally:
        removing.cancel()


async def _remove_by_the_hour() -> None:
    """What the program was built of is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG, NEVER)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        began = time.monotonic()
        found = gc.collect()
        log.debug("%d objects of garbage in %.2f s", found, time.monotonic() - began)

"""Carrying blobs between this store and headquarters, one after the other, beside the logs.

An image comes in one request that goes on where the last one broke off; each piece is on the disk before the next is
read. Whatever fails is tried again, with full jitter, until it is here (design.md §4).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from agent.blobs import errands, kept
from agent.blobs.errands import Errand
from agent.blobs.kept import PIECE
from agent.errors import AgentError
from agent.files import WorkFile
from agent.hub import Hub
from agent.hub_errors import HubRefused, HubUnreachable, NotAdmitted
from agent.patience import Backoff, Patience, Spread
from agent.transactions import Transaction
from domain.times import SECOND, Millis

log = logging.getLogger(__name__)

NOT_YET = 404
"""Headquarters waits for it as well, or does not know its order yet."""


OnArrival = Callable[[Transaction, str, str], None]


def nothing(tx: Transaction, order_id: str, digest: str) -> None:
    """Nobody waited for it."""


class NotWanted(Exception):
    """The order's person was erased while its blob was on the way."""


class Carrier:
    """Runs until it is cancelled or the hub refuses this agent for good. Lives in the event loop's thread."""

    def __init__(
        self, hub: Hub, work: WorkFile, *, patience: Patience, spread: Spread, on_arrival: OnArrival = nothing
    ) -> None:
        """`on_arrival` runs in the transaction that finds an image here, with its order and digest."""
        self._hub, self._work, self._patience, self._spread = hub, work, patience, spread
        self._on_arrival = on_arrival
        self._backoff = Backoff(patience, spread)
        self._woken, self._hurried = asyncio.Event(), asyncio.Event()

    def wake(self) -> None:
        """There may be more to carry."""
        self._woken.set()

    def hurry(self) -> None:
        """The line came back: try again now."""
        self._hurried.set()
        self._woken.set()

    async def run(self) -> None:
        while True:
            try:
                await self._work_off()
            except NotAdmitted:
                raise
            except AgentError as error:
                log.error("blobs cannot be carried: %s", error)
                await self._rest(self._backoff.next())
            except Exception:  # the top of this loop: pictures and photos must travel on
                log.exception("carrying blobs failed; it is tried again")
                await self._rest(self._backoff.next())

    async def _work_off(self) -> None:
        """All that is due, then rest until something is."""
        self._woken.clear()
        if self._hurried.is_set():
            self._hurried.clear()
            await self._work.awrite(errands.hurry)
        while (errand := await self._work.aread(errands.next_errand)) is not None:
            await self._carry(errand)
        due_at = await self._work.aread(errands.next_at)
        with suppress(TimeoutError):
            async with asyncio.timeout(None if due_at is None else max(due_at - self._work.now(), 0) / SECOND):
                await self._woken.wait()

    async def _carry(self, errand: Errand) -> None:
        try:
            await (self._send(errand) if errand.up else self._fetch(errand))
        except NotAdmitted:
            raise
        except HubRefused as error:
            await self._refused(errand, error)
        except HubUnreachable as error:
            await self._put_off(errand, str(error))
            await self._rest(self._backoff.next(error.retry_after))
        except NotWanted:
            log.info("blob %.12s is not wanted any more", errand.blob.digest)
        else:
            self._backoff.reset()

    async def _fetch(self, errand: Errand) -> None:
        size = await self._pieces(errand) if errand.came < errand.blob.size else errand.came
        if size < errand.blob.size:
            await self._put_off(errand, f"{size} of {errand.blob.size} bytes came")
        elif size > errand.blob.size or not await self._work.aread(lambda reading: errands.is_sound(reading, errand)):
            log.error("blob %.12s came with other bytes than headquarters named", errand.blob.digest)
            await self._put_off(errand, "other bytes came than headquarters named", anew=True)
        else:
            await self._work.awrite(lambda tx: self._arrived(tx, errand))

    def _arrived(self, tx: Transaction, errand: Errand) -> None:
        errands.arrived(tx, errand)
        self._on_arrival(tx, errand.blob.order_id, errand.blob.digest)

    async def _pieces(self, errand: Errand) -> int:
        """Reads on from what is here; returns how many bytes are here then. What came before a line broke is kept."""
        came, held = errand.came, bytearray()
        try:
            async with self._hub.blob(errand.blob.digest, errand.came) as chunks:
                async for chunk in chunks:
                    held += chunk
                    if len(held) >= PIECE:
                        came += await self._keep(errand, came, held)
                    if came + len(held) > errand.blob.size:
                        break
        finally:
            came += await self._keep(errand, came, held)
        return came

    async def _keep(self, errand: Errand, start: int, held: bytearray) -> int:
        piece = bytes(held)
        held.clear()
        if piece and not await self._work.awrite(lambda tx: errands.add_piece(tx, errand, start, piece)):
            raise NotWanted
        return len(piece)

    async def _send(self, errand: Errand) -> None:
        blob = errand.blob
        content = await self._work.aread(lambda reading: kept.content(reading, blob.order_id, blob.digest))
        if content is None:
            raise NotWanted
        await self._hub.put_blob(blob.digest, blob.order_id, content, blob.media_type)
        await self._work.awrite(lambda tx: errands.sent(tx, errand))

    async def _refused(self, errand: Errand, error: HubRefused) -> None:
        if errand.up and error.status != NOT_YET:
            await self._work.awrite(lambda tx: errands.refused(tx, errand, str(error)))
        else:
            await self._put_off(errand, str(error))

    async def _put_off(self, errand: Errand, why: str, *, anew: bool = False) -> None:
        rest = Backoff(self._patience, self._spread, failures=errand.blob.attempts).next()
        until: Millis = self._work.now() + round(rest * SECOND)
        await self._work.awrite(lambda tx: errands.put_off(tx, errand, why, until, anew=anew))

    async def _rest(self, seconds: float) -> None:
        """New work does not shorten it, a line that came back does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()

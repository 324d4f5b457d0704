"""Sending the outbox: oldest first, so each order's operations arrive in the order they happened (design.md §4).

What an answer means (facts/sync.md R9):

    2xx with outcomes         settled, each as its outcome says
    400, 409, 413, 422        the hub's door cannot have it as it is: halved until the one at fault is found, which is
                              kept for a person; later ones of its order wait, all others go on
    401, 403                  this agent may not speak now: nothing is dropped, whoever follows the hub sees to it
    anything else, or nothing unknown, not failed: the same operations go again under the same keys, counted once
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from agent.errors import AgentError
from agent.hub import Hub
from agent.hub_errors import HubRefused, HubUnreachable, NotAdmitted, SessionOver
from agent.patience import Backoff, Patience, Spread
from agent.session import Held
from domain.operations import Operation
from domain.protocol import OPERATIONS_AT_ONCE, Confirmed, Outcome

log = logging.getLogger(__name__)


class Outbox(Protocol):
    async def pending(self, limit: int) -> Sequence[Operation]:
        """The oldest that have no outcome yet."""

    async def confirmed(self) -> Confirmed: ...

    async def settle(self, outcomes: Sequence[Outcome]) -> None: ...

    async def not_taken(self, operation: Operation, why: str) -> None:
        """The hub's door cannot have it as it is."""

    async def send_again(self) -> None:
        """What the hub did not know or not take is pending again: it may be another hub by now."""


ABOUT_THE_BODY = frozenset({400, 409, 413, 422})
"""Statuses that blame what was sent; the others say nothing about it."""


class Sender:
    """Runs until it is cancelled or the hub refuses this agent for good."""

    def __init__(self, hub: Hub, outbox: Outbox, *, patience: Patience, spread: Spread) -> None:
        self._hub, self._outbox = hub, outbox
        self._backoff = Backoff(patience, spread)
        self._woken, self._hurried = asyncio.Event(), asyncio.Event()
        self._at_once = OPERATIONS_AT_ONCE
        self._came_back = False
        self._session: Held | None = None
        self._was_over = False
        """One that is over is begun anew at once; the next as after any failure."""

    def wake(self) -> None:
        """Something was put in the outbox. Call it in the event loop's thread."""
        self._woken.set()

    def hurry(self) -> None:
        """The line came back: try again now, unless the hub named its own time."""
        self._came_back = True
        self._hurried.set()
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            self._hurried.clear()
            try:
                if self._came_back:
                    self._came_back = False
                    await self._outbox.send_again()
                while operations := await self._outbox.pending(self._at_once):
                    if self._session is (session := await self._hub.greet()):
                        await self._send(operations)
                    self._session = session  # what the hub told with it may have put older ones before these
                await self._woken.wait()
            except NotAdmitted:
                raise
            except SessionOver:
                if self._was_over:
                    await self._rest(self._backoff.next())
                self._was_over = True
            except HubUnreachable as error:
                await asyncio.sleep(error.retry_after or 0.0)
                await self._rest(self._backoff.next())
            except AgentError as error:
                log.error("the outbox cannot be sent: %s", error)
                await self._rest(self._backoff.next())
            except Exception:  # the top of this loop: what was done here must be told
                log.exception("sending the outbox failed; it is tried again")
                await self._rest(self._backoff.next())

    async def _send(self, operations: Sequence[Operation]) -> None:
        try:
            outcomes = await self._hub.send(operations, await self._outbox.confirmed(), self._session)
        except HubRefused as error:
            if error.status not in ABOUT_THE_BODY:
                raise
            await self._find_fault(operations, error)
        else:
            await self._outbox.settle(outcomes)
            self._backoff.reset()
            self._was_over = False
            self._at_once = min(2 * self._at_once, OPERATIONS_AT_ONCE)

    async def _find_fault(self, operations: Sequence[Operation], error: HubRefused) -> None:
        """Half as many the next time, until it is one."""
        if len(operations) > 1:
            self._at_once = len(operations) // 2
            return
        log.error("the hub will not take operation %s: %s", operations[0].key, error)
        await self._outbox.not_taken(operations[0], f"HTTP {error.status}: {error}")

    async def _rest(self, seconds: float) -> None:
        """New work does not shorten it; a line that came back does, also while the try was under way that failed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()

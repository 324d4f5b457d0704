"""Sending the outbox: oldest first, so each order's operations arrive in the order they happened (design.md §4).

A timeout is unknown, not failed: the same operations go again under the same keys, and the hub counts them once.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from agent.errors import AgentError
from agent.hub import CredentialUnknown, Hub, HubRefused, HubUnreachable, Revoked
from agent.patience import Backoff, Patience, Spread
from domain.operations import Operation
from domain.protocol import OPERATIONS_AT_ONCE, Outcome, OutcomeState

log = logging.getLogger(__name__)


class Outbox(Protocol):
    async def pending(self, limit: int) -> Sequence[Operation]:
        """The oldest that have no outcome yet."""

    async def settle(self, outcomes: Sequence[Outcome]) -> None: ...


class Sender:
    """Runs until it is cancelled or the hub refuses this agent for good."""

    def __init__(self, hub: Hub, outbox: Outbox, *, patience: Patience, spread: Spread) -> None:
        self._hub, self._outbox = hub, outbox
        self._backoff = Backoff(patience, spread)
        self._woken, self._hurried = asyncio.Event(), asyncio.Event()
        self._at_once = OPERATIONS_AT_ONCE

    def wake(self) -> None:
        """Something was put in the outbox. Call it in the event loop's thread."""
        self._woken.set()

    def hurry(self) -> None:
        """The line came back: try again now."""
        self._hurried.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                while operations := await self._outbox.pending(self._at_once):
                    await self._send(operations)
                await self._woken.wait()
            except (Revoked, CredentialUnknown):
                raise
            except HubUnreachable as error:
                await self._rest(self._backoff.next(error.retry_after))
            except AgentError as error:
                log.error("the outbox cannot be sent: %s", error)
                await self._rest(self._backoff.next())
            except Exception:
                log.exception("sending the outbox failed; it is tried again")
                await self._rest(self._backoff.next())

    async def _send(self, operations: Sequence[Operation]) -> None:
        try:
            outcomes = await self._hub.send(operations)
        except (Revoked, CredentialUnknown):
            raise
        except HubRefused as error:
            outcomes = self._refused(operations, error)
        await self._outbox.settle(outcomes)
        if outcomes:
            self._backoff.reset()
            self._at_once = OPERATIONS_AT_ONCE

    def _refused(self, operations: Sequence[Operation], error: HubRefused) -> tuple[Outcome, ...]:
        """The hub will not read the whole lot: sent one by one, the one at fault is found and does not block others."""
        if len(operations) > 1:
            self._at_once = 1
            return ()
        log.error("the hub will not take operation %s: %s", operations[0].key, error)
        return (Outcome(operations[0].key, OutcomeState.REFUSED, str(error)),)

    async def _rest(self, seconds: float) -> None:
        """New work does not shorten it, a line that came back does."""
        self._hurried.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()

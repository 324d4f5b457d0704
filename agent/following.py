"""Runs everything that talks with the hub once this store is paired: a follower, a sender, a carrier of blobs, and the
report. They end together when the hub refuses this agent for good; its data stay."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from agent.blobs.carrier import Carrier
from agent.errors import AgentError
from agent.follower import Follower, LogsToFollow
from agent.hub import Hub
from agent.hub_errors import Frozen, HubError, HubUnreachable, KeyUnknown, Revoked
from agent.line import Line, LineState
from agent.patience import Patience, Spread
from agent.sender import Outbox, Sender
from agent.session import Session
from domain.protocol import Report

log = logging.getLogger(__name__)

REPORT_PAUSES = (2.0, 10.0)
"""Seconds before a report that did not arrive is told again, as it reads then."""

HubAt = Callable[[str, Session | None], Hub]
"""A client for the hub at this URL, speaking in this session."""
CarrierOf = Callable[[Hub], Carrier]


class Following:
    """Lives in the event loop's thread. `start` may be called again, after another pairing: it stops what runs."""

    def __init__(
        self,
        *,
        hub_at: HubAt,
        session: Callable[[], Session],
        logs: LogsToFollow,
        outbox: Outbox,
        carrier_of: CarrierOf,
        report: Callable[[], Awaitable[Report]],
        line: Line,
        patience: Patience,
        spread: Spread,
    ) -> None:
        self._hub_at, self._session, self._logs = hub_at, session, logs
        self._outbox, self._report, self._line = outbox, report, line
        self._patience, self._spread, self._carrier_of = patience, spread, carrier_of
        self._hub: Hub | None = None
        self._sender: Sender | None = None
        self._carrier: Carrier | None = None
        self._running: asyncio.Task[None] | None = None
        self._anew = asyncio.Event()
        line.on_change(self._line_changed)

    async def start(self, url: str) -> None:
        await self.stop()
        self._running = asyncio.create_task(self._run(url), name="following the hub")

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    @property
    def hub(self) -> Hub | None:
        """The client, for whoever wants to ask the hub something else; None while nobody talks with it."""
        return self._hub

    def begin_anew(self) -> None:
        """Closes the connection and follows anew: called by whoever finds that nothing moves any more."""
        self._anew.set()

    def wake_sender(self) -> None:
        if self._sender is not None:
            self._sender.wake()

    def wake_carrier(self) -> None:
        if self._carrier is not None:
            self._carrier.wake()

    async def send_report(self) -> None:
        """Tells the hub how this agent is. Tries three times: without news the next report comes much later."""
        for pause in (*REPORT_PAUSES, None):
            if self._hub is None or self._line.view.state is not LineState.ONLINE:
                return
            try:
                await self._hub.report(await self._report())
                return
            except AgentError as error:
                log.debug("the report did not arrive: %s", error)
            if pause is not None:
                await asyncio.sleep(pause)

    async def change_key(self) -> None:
        """Raises HubError."""
        if self._hub is None:
            raise HubUnreachable("this agent does not speak with its hub now")
        await self._hub.change_key()

    async def _run(self, url: str) -> None:
        while True:
            try:
                await self._talk(url)
            except Revoked as error:
                log.error("the hub revoked this agent: %s; it stops following and keeps its data", error)
                self._line.revoked(str(error))
                return
            except KeyUnknown as error:
                self._line.stranger(str(error))
            except Frozen as error:
                self._line.frozen(str(error))
            except HubError as error:
                self._line.down(str(error))
            await asyncio.sleep(self._spread(0.0, self._patience.stranger))

    async def _talk(self, url: str) -> None:
        """Runs until the hub refuses this agent, or somebody wants to begin anew: the first part to end ends the
        others."""
        hub = self._hub_at(url, self._session())
        follower = Follower(hub, self._logs, self._line, patience=self._patience, spread=self._spread)
        sender = Sender(hub, self._outbox, patience=self._patience, spread=self._spread)
        carrier = self._carrier_of(hub)
        self._hub, self._sender, self._carrier = hub, sender, carrier
        self._anew.clear()
        tasks = [
            asyncio.create_task(each) for each in (follower.run(), sender.run(), carrier.run(), self._wanted_anew())
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._hub = self._sender = self._carrier = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await hub.close()

    async def _wanted_anew(self) -> None:
        await self._anew.wait()

    def _line_changed(self) -> None:
        if self._line.view.state is LineState.ONLINE and self._sender is not None and self._carrier is not None:
            self._sender.hurry()
            self._carrier.hurry()

"""The line to the hub as people see it: up or down, since when and why. Lives in the event loop's thread."""

import logging
from collections.abc import Callable
from enum import StrEnum

import msgspec

from domain.thresholds import CLOCK_OFF
from domain.times import SECOND, Clock, Millis

log = logging.getLogger(__name__)


class LineState(StrEnum):
    UNPAIRED = "unpaired"
    CONNECTING = "connecting"
    ONLINE = "online"
    OFFLINE = "offline"
    STRANGER = "stranger"
    """The hub does not know our key."""
    FROZEN = "frozen"
    """Two computers speak as this one agent."""
    REVOKED = "revoked"


class LineView(msgspec.Struct, frozen=True):
    """`polling`: connected, but streams are swallowed on the way. `clock_off` is the hub's clock minus ours."""

    state: LineState
    since: Millis
    reason: str = ""
    polling: bool = False
    clock_off: Millis = 0


class Line:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
        self.view = LineView(LineState.UNPAIRED, clock())

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def connecting(self) -> None:
        """Who was not admitted asks again now and then, and stays so meanwhile."""
        if self.view.state not in (LineState.STRANGER, LineState.FROZEN):
            self._become(LineState.CONNECTING)

    def up(self, *, polling: bool = False) -> None:
        self._become(LineState.ONLINE, polling=polling)

    def down(self, reason: str) -> None:
        self._become(LineState.OFFLINE, reason)

    def stranger(self, reason: str) -> None:
        self._become(LineState.STRANGER, reason)

    def frozen(self, reason: str) -> None:
        self._become(LineState.FROZEN, reason)

    def revoked(self, reason: str) -> None:
        self._become(LineState.REVOKED, reason)

    def hub_said(self, at: Millis) -> None:
        """The hub's time, as a heartbeat carries it; half a round trip more or less does not matter here."""
        off = at - self._clock()
        was_shown = abs(self.view.clock_off) > CLOCK_OFF
        self.view = msgspec.structs.replace(self.view, clock_off=off)
        if was_shown is not (abs(off) > CLOCK_OFF):
            log.warning("this computer's clock is off by %.0f s", -off / SECOND)
            self._tell()

    def _become(self, state: LineState, reason: str = "", *, polling: bool = False) -> None:
        """The beginning of an outage stays; only its reason follows."""
        before = self.view
        since = before.since if before.state is state else self._clock()
        self.view = LineView(state, since, reason, polling, before.clock_off)
        if (before.state, before.polling) != (state, polling):
            level = logging.INFO if state in (LineState.ONLINE, LineState.CONNECTING) else logging.WARNING
            log.log(level, "line to the hub: %s%s%s", state, " by polling" if polling else "", reason and f": {reason}")
        if (before.state, before.polling, before.reason) != (state, polling, reason):
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

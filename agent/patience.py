"""How long the agent waits, for what, in seconds; and full jitter, so that ten thousand agents do not come back in step
(facts/sync.md §1.1 R12-R13, §3.2)."""

from collections.abc import Callable

import msgspec

from domain.protocol import SILENCE_SECONDS

Spread = Callable[[float, float], float]
"""A random number between two: `random.uniform` in production."""


class Patience(msgspec.Struct, frozen=True):
    first_start: float = 5.0
    """The first contact is spread over so long."""
    retry: float = 10.0
    longest_retry: float = 60.0
    """With a request that is still waited for when the line heals, back within two minutes."""
    first_frame: float = 10.0
    """A stream begins with a heartbeat; one that brings nothing for so long is mute."""
    silence: float = SILENCE_SECONDS
    steady: float = 60.0
    """A connection that held so long makes the next failure count as the first."""
    poll: float = 25.0
    """How long one long poll waits for news at first: proxies often end what is silent for 30 s."""
    longest_poll: float = 50.0
    """How long where the way allows it (`PollWait`)."""
    probe: float = 120.0
    """While long polling, how often a stream is tried."""
    stranger: float = 120.0
    """How often an agent that the hub does not know asks again: a restored hub may know it later."""
    seek: float = 20.0
    """How often a printer that cannot be reached is looked for at other addresses."""
    outage: float = 30.0
    """A line that is down for less is shown nowhere: half a minute of flapping is no news."""
    look: float = 5.0
    """How often an agent that is not paired looks whether it may pair by itself (`agent.enrolling`)."""


MUTES = 2
"""After so many mute streams in a row the agent long-polls."""


class PollWait:
    """How long the next poll waits: longer after one that was quiet to its end, for each costs the hub a request, and
    never again so long as one that was cut."""

    def __init__(self, patience: Patience) -> None:
        self._first, self._most = patience.poll, patience.longest_poll
        self.seconds = self._first

    def was_quiet(self) -> None:
        self.seconds = min(2 * self.seconds, self._most)

    def was_cut(self) -> None:
        self.seconds = self._most = max(self._first, self.seconds / 2)


ALIKE = 3
"""After a hub restarts its first answers are refusals: to wait twice as long for each would leave a long tail of
agents that come back last (facts/sync.md §3.2)."""


class Backoff:
    """U(0, min(longest, retry · 2^n)), n counting failures in a row beyond the first three."""

    def __init__(self, patience: Patience, spread: Spread, *, failures: int = 0) -> None:
        self._patience, self._spread, self._failures = patience, spread, failures

    def next(self, retry_after: float | None = None) -> float:
        """With the hub's wish, never sooner, and not all of us at once."""
        self._failures += 1
        doubled = min(max(0, self._failures - ALIKE), 16)
        ceiling = min(self._patience.longest_retry, self._patience.retry * 2**doubled)
        return self._spread(0.0, ceiling) + (retry_after or 0.0)

    def reset(self) -> None:
        self._failures = 0

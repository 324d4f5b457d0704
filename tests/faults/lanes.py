"""What can be wrong with the connection between two programs, as plain data. `up` is the direction away from the one
who connects."""

import asyncio
import random
from dataclasses import dataclass

SLOW_LORIS_S = 0.02


@dataclass(frozen=True, slots=True)
class Lane:
    """One direction of every connection, in seconds and bytes. `piece`: the most bytes that are passed on at once.
    `cut_after`: after so many bytes of a connection, counted from when this lane was set, both its ends are reset."""

    latency: float = 0.0
    jitter: float = 0.0
    bytes_per_second: float | None = None
    piece: int | None = None
    pause: float = 0.0
    """Between two pieces."""
    cut_after: int | None = None

    async def delay(self, dice: random.Random) -> None:
        if self.latency or self.jitter:
            await asyncio.sleep(self.latency + dice.uniform(0.0, self.jitter))

    async def spend(self, passed: int) -> None:
        """The time that so many bytes take, and the pause behind them."""
        seconds = self.pause + (passed / self.bytes_per_second if self.bytes_per_second else 0.0)
        if seconds:
            await asyncio.sleep(seconds)

    def pieces(self, data: bytes) -> list[bytes]:
        size = self.piece or len(data)
        return [data[start : start + size] for start in range(0, len(data), size)]


PLAIN = Lane()
SLOW_LORIS = Lane(piece=1, pause=SLOW_LORIS_S)
"""A request that comes byte by byte and holds its place for as long."""


@dataclass(frozen=True, slots=True)
class Way:
    """How every connection behaves from now on. The last three concern it whole; only the first of them that is set
    counts."""

    up: Lane = PLAIN
    down: Lane = PLAIN
    refused: bool = False
    """New connections are reset at once."""
    silent: bool = False
    """New connections are accepted and lead nowhere."""
    hole: bool = False
    """What is sent vanishes, whoever sends it; a connection that met this stays open and mute for ever."""


CLEAR = Way()

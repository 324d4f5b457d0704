"""The print engine: one command after the other, each taking the time its paper takes."""

from drivers.virtual.commands import Command
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.slip import Roll

_DOTS_PER_MM = 8


class PrintEngine:
    """`speed` in mm/s; None: all at once."""

    def __init__(self, roll: Roll, speed: float | None) -> None:
        self.mechanism = Mechanism(roll)
        self.bytes_printed = 0
        self._speed = speed
        self._free_at = 0.0

    @property
    def free_at(self) -> float:
        """Monotonic."""
        return self._free_at

    def is_free(self, now: float) -> bool:
        return now >= self._free_at

    def execute(self, command: Command, now: float) -> None:
        fed = self.mechanism.dots_fed
        self.mechanism.execute(command)
        self.bytes_printed += command.size
        if self._speed is not None:
            self._free_at = now + (self.mechanism.dots_fed - fed) / _DOTS_PER_MM / self._speed

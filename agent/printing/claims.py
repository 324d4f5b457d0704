"""Which printer is about to take which slip, so that two free ones do not both connect for the same.

A hint in memory and short-lived: what keeps a slip from being sent twice is its row. So a printer that died a moment
ago, and finds out only by connecting, does not keep its slip from a healthy one.
"""

import threading
import time
from collections.abc import Callable

LASTS_S = 0.2
"""A printer that is well has been asked and has begun by then."""


class Claims:
    """For all printers' threads; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}

    def take(self, slip_id: str, printer: str) -> float:
        """0: it is this printer's for a moment. Else the seconds for which another has it."""
        now = self._clock()
        with self._lock:
            holder, until = self._held.get(slip_id, (printer, 0.0))
            if holder != printer and until > now:
                return until - now
            self._held[slip_id] = (printer, now + LASTS_S)
            return 0.0

    def release(self, slip_id: str, printer: str) -> None:
        with self._lock:
            if self._held.get(slip_id, ("", 0.0))[0] == printer:
                del self._held[slip_id]

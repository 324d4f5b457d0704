"""How many streams, sessions and snapshots may begin a second (docs/operate.md, Size).

After a hub was away all its agents come at once. Whoever is one too many is told when its turn is, each a turn of its
own, so that the hub stays free for those who are in, for platforms and for people.
"""

import math
from collections.abc import Callable

from cloud.asgi import BadRequest

BURST_SECONDS = 1.0
"""What was not used for so long may be used at once."""
FURTHEST_TURN = 60.0
"""Nobody is sent away for longer; then there are simply more than one for a turn."""


class Turnstile:
    """In the event loop's thread; `monotonic` counts seconds."""

    def __init__(self, a_second: float, monotonic: Callable[[], float]) -> None:
        self._a_second, self._monotonic = a_second, monotonic
        self._free, self._looked_at = a_second * BURST_SECONDS, monotonic()
        self._next_turn = 0.0
        self.turned_away = 0

    def enter(self) -> None:
        """Raises `BadRequest` 503 with the seconds until this one's turn."""
        now = self._monotonic()
        most = self._a_second * BURST_SECONDS
        self._free = min(most, self._free + (now - self._looked_at) * self._a_second)
        self._looked_at = now
        if self._free >= 1:
            self._free -= 1
            return
        self.turned_away += 1
        self._next_turn = min(max(self._next_turn, now) + 1 / self._a_second, now + FURTHEST_TURN)
        seconds = math.ceil(round(self._next_turn - now, 6))  # sums of fractions end a hair above whole seconds
        raise BadRequest(503, "too_many_at_once", "too many agents come at once", "come back then", retry_after=seconds)

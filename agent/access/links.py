"""One-time links: whoever holds the token asks for one, a browser opens it once, within a minute.

So nothing that opens anything for long ever stands in an address bar, a command line or a history. Lives in the event
loop's thread.
"""

import secrets
import time
from collections.abc import Callable

LIFE_SECONDS = 60.0
MOST = 32
"""The oldest link goes when more are asked for."""


class Links:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, tuple[str, float]] = {}

    def make(self, page: str) -> str:
        """A secret that opens `page`, a path of ours."""
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        secret = secrets.token_urlsafe(32)
        self._open[secret] = (page, self._clock() + LIFE_SECONDS)
        return secret

    def trade(self, secret: str) -> str | None:
        """The page, for the first who comes in time."""
        page, until = self._open.pop(secret, ("", 0.0))
        return page if page and self._clock() < until else None

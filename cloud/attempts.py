"""How often one address may try a secret (pairing code, operator token)."""

from collections import OrderedDict

from cloud.asgi import BadRequest
from domain.times import MINUTE, Clock, Millis

ADDRESSES = 10_000
"""Remembered at once; the one that was quiet longest is forgotten first."""


class Attempts:
    """`limit` tries a minute for each address."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit, self._clock = limit, clock
        self._recent: OrderedDict[str, list[Millis]] = OrderedDict()

    def count(self, address: str) -> None:
        """Raises `BadRequest` 429."""
        now = self._clock()
        recent = [at for at in self._recent.pop(address, []) if at > now - MINUTE]
        self._recent[address] = recent
        if len(recent) >= self._limit:
            raise BadRequest(429, "too_many_tries", f"more than {self._limit} tries in a minute", "wait a minute")
        recent.append(now)
        if len(self._recent) > ADDRESSES:
            self._recent.popitem(last=False)

    def forgive(self, address: str) -> None:
        """The last try was right: a hundred stores behind one address may come at once."""
        if recent := self._recent.get(address):
            recent.pop()

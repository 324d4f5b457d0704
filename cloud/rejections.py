"""Pushes with a bad signature: nothing of them is believed and nothing stored, but the operator must see them, since a
wrong secret or public URL looks just the same. The last few stay in memory."""

from collections import Counter, deque

import msgspec

from domain.times import Millis

KEPT = 50


class Rejection(msgspec.Struct, frozen=True):
    """`why` is the channel's sentence; nothing of the body is kept."""

    at: Millis
    channel: str
    topic: str
    address: str
    why: str


class Rejections:
    def __init__(self) -> None:
        self._recent: deque[Rejection] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()

    def add(self, rejection: Rejection) -> None:
        self._recent.append(rejection)
        self.counts[rejection.channel] += 1

    def newest_first(self) -> tuple[Rejection, ...]:
        return tuple(reversed(self._recent))

"""One reading for all who ask the same: ten thousand stores follow the catalogue, each new page of it is read once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 16
"""Answers kept for who asks next; a page has at most 200 events."""


class SharedReading(Generic[T]):
    """In the event loop's thread. The key must say everything that the answer depends on."""

    def __init__(self) -> None:
        self._readings: dict[Hashable, asyncio.Future[T]] = {}

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Raises what the reading raised; then the next who asks reads anew."""
        reading = self._readings.get(key)
        if reading is None or (reading.done() and reading.exception() is not None):
            reading = asyncio.ensure_future(read())
            self._readings[key] = reading
            if len(self._readings) > KEPT:
                del self._readings[next(iter(self._readings))]
        return await asyncio.shield(reading)

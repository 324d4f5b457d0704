"""A wire as a conversation needs it: replies told apart, every failure in our words."""

import time
from collections.abc import Callable

from drivers.errors import ConnectionLost, PrinterUnreachable
from drivers.printers.status import Reply, ReplyParser
from drivers.printers.wire import Wire

Hear = Callable[[Reply], None]

_GLANCE_S = 0.01


class Line:
    """`has_slip` is set by whoever sends one: from then on a line that breaks leaves a fate unknown."""

    def __init__(self, wire: Wire, address: str) -> None:
        self.wire = wire
        self.address = address
        self.has_slip = False
        self._parser = ReplyParser()
        self._listeners: list[Hear] = []

    def tell(self, listener: Hear) -> None:
        """`listener` hears every reply from now on, in the thread that listens."""
        self._listeners.append(listener)

    def write(self, data: bytes) -> None:
        try:
            self.wire.write(data)
        except OSError as error:
            raise self._lost(error) from error

    def listen(self, timeout: float) -> None:
        """Until something has come, at the longest for `timeout` seconds."""
        try:
            data = self.wire.read(timeout)
        except OSError as error:
            raise self._lost(error) from error
        for reply in self._parser.feed(data):
            for hear in self._listeners:
                hear(reply)

    def listen_until(self, met: Callable[[], object], within: float) -> bool:
        """Whether `met` came true within so many seconds of listening. A reply that is there when the time is over
        counts: this computer may have slept, or stood still, and says nothing of the printer by that."""
        deadline, over = time.monotonic() + within, False
        while not (met() or over):
            left = deadline - time.monotonic()
            over = left <= 0
            self.listen(max(left, _GLANCE_S))
        return bool(met())

    def close(self) -> None:
        self.wire.close()

    def _lost(self, error: OSError) -> ConnectionLost | PrinterUnreachable:
        if self.has_slip:
            return ConnectionLost(f"lost {self.address} while it had a slip: {error}")
        return PrinterUnreachable(f"lost {self.address} before anything was sent: {error}")

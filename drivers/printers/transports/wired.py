"""A printer at the end of a wire: one session at a time within this program, whoever opens it."""

import errno
import threading
from collections.abc import Callable
from weakref import WeakValueDictionary

from drivers.errors import PrinterUnreachable
from drivers.printers.base import Session, Use
from drivers.printers.capability import Capabilities
from drivers.printers.conversation import Conversation
from drivers.printers.remains import Remains
from drivers.printers.status import Blocked
from drivers.printers.transports.one_way import OneWay, OneWaySession
from drivers.printers.wire import Wire

_HELD = (errno.EBUSY, errno.EAGAIN)
"""A device another program has open, a serial port it has locked."""
_NOT_ALLOWED = "This program's account may not open it: on Linux it belongs in the groups lp and dialout."
_PATIENCE_S = 3.0
_turns: WeakValueDictionary[str, "_Turn"] = WeakValueDictionary()
_turns_guard = threading.Lock()


class WiredPrinter:
    def __init__(self, address: str, open_wire: Callable[[], Wire | OneWay]) -> None:
        """`open_wire` raises OSError where the printer is not to be had."""
        self._address, self._open_wire = address, open_wire
        self.capabilities = Capabilities()
        self._turn = _turn_of(address)
        self._remains = Remains()

    @property
    def address(self) -> str:
        return self._address

    def connect(self, use: Use = Use.SHARED) -> Session:
        if not self._turn.lock.acquire(timeout=_PATIENCE_S):
            raise PrinterUnreachable(f"{self._address} is in use by this program itself", reason=Blocked.busy)
        try:
            wire = self._open_wire()
        except OSError as error:
            self._turn.lock.release()
            raise _unreachable(self._address, error) from error
        except BaseException:
            self._turn.lock.release()
            raise
        if isinstance(wire, OneWay):
            return OneWaySession(_TurnWire(wire.wire, self._turn), self)
        return Conversation(_TurnWire(wire, self._turn), self, use, self._remains)


def _unreachable(address: str, error: OSError) -> PrinterUnreachable:
    message = f"cannot reach {address}: {error}"
    if error.errno in _HELD:
        return PrinterUnreachable(message, reason=Blocked.busy)
    return PrinterUnreachable(message, hint=_NOT_ALLOWED if error.errno == errno.EACCES else "")


class _Turn:
    """Two sessions on one printer would mix their slips on many a wire, a second lock of the system's would not
    always stop them: a look from the page must wait until the printer's own thread has let go.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()


def _turn_of(address: str) -> _Turn:
    with _turns_guard:
        turn = _turns.get(address)
        if turn is None:
            turn = _turns[address] = _Turn()
        return turn


class _TurnWire:
    """The wire, and the turn that ends when it is closed."""

    def __init__(self, wire: Wire, turn: _Turn) -> None:
        self._wire, self._turn = wire, turn
        self._closed = False
        self.write, self.read, self.fileno = wire.write, wire.read, wire.fileno

    def close(self) -> None:
        try:
            self._wire.close()
        finally:
            if not self._closed:
                self._closed = True
                self._turn.lock.release()

"""The connection to one printer: made for each slip where others print on it too, kept where it is ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from drivers.errors import PrinterBlocked
from drivers.printers.base import Printer, Session, Use
from drivers.printers.status import PrinterStatus
from drivers.printers.waker import Waker


class Connection:
    """For the printer's thread; `waker` ends its rests early."""

    def __init__(self, printer: Printer, use: Use, waker: Waker) -> None:
        self._printer, self._use, self._waker = printer, use, waker
        self._kept: Session | None = None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Raises PrinterUnreachable. What goes wrong inside ends a kept connection: who knows what is still on its
        way. Only a printer that refused a slip has said all there is to say."""
        if self._use is Use.SHARED:
            with self._printer.connect(self._use) as session:
                yield session
            return
        if self._kept is None:
            self._kept = self._printer.connect(self._use)
        try:
            yield self._kept
        except PrinterBlocked:
            raise
        except BaseException:
            self.let_go()
            raise

    def rest(self, seconds: float) -> PrinterStatus | None:
        """Until then, until somebody wakes us, or until a printer of ours tells that it is otherwise than before: then
        returns how it is. Raises PrinterUnreachable when it is gone."""
        if self._kept is None:
            self._waker.wait(seconds)
            return None
        with self.session() as session:
            return session.idle(seconds, self._waker)

    def let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

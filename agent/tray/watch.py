"""Looking at the service again and again, as long as the tray runs; a service that is gone is looked for as well."""

import logging
import threading
import time
from collections.abc import Callable

from agent.tray import view
from agent.tray.connection import Connection, SaidNo
from agent.tray.hand import NoService, NotForUs
from agent.tray.view import View

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
START_SECONDS = 30.0
"""From reboot to ready at most: so long after its own start the tray calls no service missing."""
GRACE_SECONDS = 3.0
"""One answer that is late on a busy computer is no missing service."""


class Watch:
    """`show` hears every look, in the watch's own thread."""

    def __init__(
        self,
        connection: Connection,
        show: Callable[[View], None],
        *,
        pause: float = PAUSE_SECONDS,
        start: float = START_SECONDS,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._connection, self._show, self._pause = connection, show, pause
        self._last = view.starting()
        self._missed_since: float | None = None
        self._patience, self._grace = start, grace
        self._answers: bool | None = None
        self._soon, self._stopped = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            self._soon.clear()
            try:
                self._show(self._look())
            except Exception:  # whatever the desktop raises: an icon that stands still would lie
                log.exception("the icon could not be changed; it is tried again")
            self._soon.wait(self._pause)

    def soon(self) -> None:
        """Something was done: its effect is to be seen at once."""
        self._soon.set()

    def stop(self) -> None:
        self._stopped.set()
        self._soon.set()

    def _look(self) -> View:
        try:
            self._last = self._connection.view()
        except NotForUs as error:
            self._note(str(error))
            return view.not_for_us(self._last)
        except (NoService, SaidNo) as error:
            self._note(str(error))
            said = error.said if isinstance(error, NoService) else None
            return view.not_running(self._last, said) if self._missing() else self._last
        self._missed_since, self._patience = None, self._grace
        self._note("")
        return self._last

    def _missing(self) -> bool:
        now = time.monotonic()
        if self._missed_since is None:
            self._missed_since = now
        return now - self._missed_since >= self._patience

    def _note(self, problem: str) -> None:
        """One line per change."""
        answers = not problem
        if answers is not self._answers:
            self._answers = answers
            if answers:
                log.info("the service answers")
            else:
                log.warning("the service does not answer: %s", problem)

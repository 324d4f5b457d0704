"""Looking at the service again and again, as long as the tray runs; a service that is gone is looked for as well."""

import logging
import threading
from collections.abc import Callable

from agent.tray import view
from agent.tray.connection import Connection, SaidNo
from agent.tray.hand import NoService, NotForUs
from agent.tray.view import View

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0


class Watch:
    """`show` hears every look, in the watch's own thread."""

    def __init__(self, connection: Connection, show: Callable[[View], None], *, pause: float = PAUSE_SECONDS) -> None:
        self._connection, self._show, self._pause = connection, show, pause
        self._last = view.not_running()
        self._answers: bool | None = None
        self._soon, self._stopped = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            self._soon.clear()
            try:
                self._show(self._look())
            except Exception:
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
            seen = self._connection.view()
        except NotForUs as error:
            return self._gone(str(error), known_user=False)
        except (NoService, SaidNo) as error:
            return self._gone(str(error), known_user=True)
        self._note("")
        self._last = seen
        return seen

    def _gone(self, why: str, *, known_user: bool) -> View:
        self._note(why)
        return view.not_running(self._last.language, self._last.store, known_user=known_user)

    def _note(self, problem: str) -> None:
        """One line per change."""
        answers = not problem
        if answers is not self._answers:
            self._answers = answers
            if answers:
                log.info("the service answers")
            else:
                log.warning("the service does not answer: %s", problem)

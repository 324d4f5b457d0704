"""What else is asked of a printer, between two slips and in its own thread: what it can do, a drawer's kick."""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from drivers.printers.base import Printer

T = TypeVar("T")


class Errands:
    """`put` from any thread, the rest in the printer's."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._waiting: queue.SimpleQueue[tuple[Callable[[], None], Callable[[], bool]]] = queue.SimpleQueue()

    def put(self, errand: Callable[[Printer], T]) -> Future[T]:
        answer: Future[T] = Future()

        def run() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(errand(self._printer))
            except Exception as error:  # its sender gets it; the printer's thread goes on
                answer.set_exception(error)

        self._waiting.put((run, answer.cancel))
        return answer

    def any(self) -> bool:
        return not self._waiting.empty()

    def run(self) -> None:
        with suppress(queue.Empty):
            while True:
                run, _ = self._waiting.get_nowait()
                run()

    def cancel(self) -> None:
        with suppress(queue.Empty):
            while True:
                _, cancel = self._waiting.get_nowait()
                cancel()

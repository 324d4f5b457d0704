"""Work that may hang in the system (a resolver, a driver), in a thread that nobody waits for: not even the end of the
program, which waits for the threads of an executor."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begin(work: Callable[[], T], name: str) -> "Future[T]":
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()  # it cannot be cancelled any more, so that there is somebody to tell

    def do() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # whoever asks for the result gets it
            outcome.set_exception(error)

    threading.Thread(target=do, name=name, daemon=True).start()
    return outcome

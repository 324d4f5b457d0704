"""The place where a service hands its token over, without the service."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.listening import close_listening


@contextmanager
def answering(path: Path, line: bytes) -> Iterator[None]:
    """A service that tells every caller this and hangs up."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    caller.sendall(line)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            close_listening(listening)
            thread.join()

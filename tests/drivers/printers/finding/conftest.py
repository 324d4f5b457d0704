import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from drivers.printers.finding.recognising import Recognised, recognise
from drivers.virtual.printer import VirtualPrinter
from tests.listening import close_listening


class Bystander:
    """Something that listens where printers do and is none: keeps what it was sent, answers with `answer` once its
    caller has ended, as a web server does that was sent half a request."""

    def __init__(self, host: str, port: int = 0, *, greeting: bytes = b"", answer: bytes = b"") -> None:
        self._greeting, self._answer = greeting, answer
        self.received: list[bytes] = []
        self._listener = socket.create_server((host, port))
        self.host, self.port = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            with link:
                link.settimeout(30)
                link.sendall(self._greeting)
                while data := link.recv(1024):
                    self.received.append(data)
                link.sendall(self._answer)

    def stop(self) -> None:
        close_listening(self._listener)
        self._thread.join()


@contextmanager
def bystander(host: str, port: int = 0, *, greeting: bytes = b"", answer: bytes = b"") -> Iterator[Bystander]:
    made = Bystander(host, port, greeting=greeting, answer=answer)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks and who answers are one process here, and a busy machine may let it stand for a second."""
    for name in ("_ANSWER_S", "_LAST_WORD_S"):
        monkeypatch.setattr(f"drivers.printers.finding.recognising.{name}", 3.0)


@pytest.fixture
def street() -> Iterator[ExitStack]:
    """Closes what stands along it."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as made:
        yield made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that this process looked at; other test runs may look at the same announcements."""
    hosts: list[str] = []

    def spied(host: str, port: int) -> Recognised | None:
        hosts.append(host)
        return recognise(host, port)

    for where in ("subnet", "whereabouts"):
        monkeypatch.setattr(f"drivers.printers.finding.{where}.recognise", spied)
    return hosts

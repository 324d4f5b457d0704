"""The least that the way of an order could cost here: two SQLite commits with FULL sync and three loopback hops."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pysqlite3

from benchmarks.figures import now_ms

PUSH_BYTES = 4096

Step = Callable[[], None]


class BareWay:
    """source → (hop) → commit → (hop) → commit → (hop): threads of this process, one row per passage."""

    def __init__(self, folder: Path) -> None:
        self._arrived = threading.Semaphore(0)
        self._at = 0.0
        last = self._station(self._note)
        middle = self._station(self._committing(folder / "bare-agent.db", last))
        first = self._station(self._committing(folder / "bare-hub.db", middle))
        self._source = first

    def pass_once(self) -> float:
        """Milliseconds from the first byte sent to the last arrival."""
        began = now_ms()
        self._source.sendall(b"x" * PUSH_BYTES)
        self._arrived.acquire()
        return self._at - began

    def _note(self) -> None:
        self._at = now_ms()
        self._arrived.release()

    def _committing(self, path: Path, onward: socket.socket) -> Step:
        connection = pysqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE passage (body BLOB NOT NULL) STRICT")

        def step() -> None:
            connection.execute("INSERT INTO passage VALUES (?)", (b"x" * PUSH_BYTES,))
            onward.sendall(b"x" * PUSH_BYTES)

        return step

    def _station(self, step: Step) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", 0))
        entrance = socket.create_connection(listener.getsockname())
        entrance.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inside, _ = listener.accept()
        listener.close()

        def serve() -> None:
            pending = 0
            while data := inside.recv(65536):
                pending += len(data)
                while pending >= PUSH_BYTES:
                    pending -= PUSH_BYTES
                    step()

        threading.Thread(target=serve, daemon=True).start()
        time.sleep(0.01)
        return entrance

"""Printers that answer by a script and print nothing: the clones of the field, and none that exists yet."""

import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

GS_R, SENSOR = b"\x1dr\x01", b"\x00"


@contextmanager
def clone(answers: dict[bytes, list[bytes]], *, slip_takes: float = 0) -> Iterator[tuple[str, list[bytes]]]:
    """Gives each question the next of its answers, or the last again, and prints nothing; GS r it answers after
    `slip_takes` seconds. Yields its address and the list of what it was asked.
    """
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                while data := link.recv(65536):
                    for question in (question for question in answers if question in data):
                        asked.append(question)
                        replies = answers[question]
                        reply = replies.pop(0) if len(replies) > 1 else replies[0]
                        if question == GS_R and slip_takes:
                            threading.Timer(slip_takes, link.sendall, (reply,)).start()
                        else:
                            link.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", asked
        thread.join(30)


def answers_with_paper_status(*paper: bytes) -> dict[bytes, list[bytes]]:
    questions = [b"\x10\x04" + bytes((n,)) for n in (1, 2, 3)]
    return {question: [b"\x12"] for question in questions} | {b"\x10\x04\x04": [*paper], GS_R: [b"\x00"]}


Answer = Callable[[bytes], Iterable[bytes]]
"""What came in one piece, and what is said to it, piece by piece."""


@contextmanager
def scripted(answer: Answer, *, heard_out: bool = True) -> Iterator[str]:
    """Serves one connection after the other; `heard_out`: no earlier slip is left in it. Yields its address."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                link, _ = server.accept()
                with link:
                    if stopping.is_set():
                        return
                    while data := link.recv(65536):
                        for piece in [SENSOR * 2] if heard_out and GS_R * 2 in data else answer(data):
                            link.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        stopping.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(30)


def well(data: bytes) -> list[bytes]:
    """Answers to DLE EOT of a printer in order."""
    return [b"\x12"] * len(re.findall(rb"\x10\x04[\x01-\x04]", data))

"""The store's computer as the campaign holds it: lives that begin, obey, and are killed."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from agent.config import PrinterSettings


class Died(Exception):
    """The life ended before it answered."""


class Late(Exception):
    """It did not answer by the moment given; it may yet."""


class Life:
    def __init__(self, pid: int, link: socket.socket) -> None:
        self.pid, self._link = pid, link
        self._heard = b""
        self._owed = 0

    def ask(self, wish: dict[str, Any], until: float) -> Any:
        """Its answer, by that monotonic second. Raises Died or Late."""
        try:
            self._link.sendall(msgspec.json.encode(wish) + b"\n")
        except OSError as error:
            raise Died from error
        self._owed += 1
        while self._owed:
            answer = self._answer(until)
            self._owed -= 1
        return answer

    def kill(self) -> None:
        """As if its power went: no handler runs. Returns once it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self._wait_for_end()

    def end(self) -> None:
        """In good order."""
        self._link.sendall(b'{"stop":1}\n')
        self._wait_for_end()

    def _answer(self, until: float) -> Any:
        while b"\n" not in self._heard:
            if not select.select([self._link], [], [], max(0.0, until - time.monotonic()))[0]:
                raise Late
            try:
                data = self._link.recv(65536)
            except OSError as error:
                raise Died from error
            if not data:
                raise Died
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        return msgspec.json.decode(line)

    def _wait_for_end(self) -> None:
        self._link.settimeout(60)
        try:
            while self._link.recv(65536):
                pass
        except ConnectionResetError:
            pass
        self._link.close()


class Store:
    """One data folder; its lives are forked from a process that has the agent loaded."""

    def __init__(self, folder: Path, printers: Sequence[PrinterSettings]) -> None:
        self.folder = folder
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-m", "benchmarks.print_faults.zygote", str(theirs.fileno()), str(folder)]
        self._zygote = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(theirs.fileno(),))
        theirs.close()
        assert self._zygote.stdin is not None
        self._zygote.stdin.write(msgspec.json.encode(tuple(printers)))
        self._zygote.stdin.close()

    def begin(self) -> Life:
        ours, theirs = socket.socketpair()
        socket.send_fds(self._control, [b"!"], [theirs.fileno()])
        theirs.close()
        pid = self._control.recv(4)
        if len(pid) != 4:
            raise RuntimeError("the process that bears lives has ended")
        return Life(int.from_bytes(pid, "big"), ours)

    def close(self) -> None:
        self._control.close()
        self._zygote.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

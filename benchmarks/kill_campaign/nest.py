"""Lives without the wait for imports: a process that has loaded hub and agent and forks one life per wish. Each life is
the product's own command line, from `main` on, in a process of its own, with files, sockets and threads of its own.
"""

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Literal, NoReturn, Self

import msgspec

import agent.cli
import agent.service
import cloud.app
import cloud.cli
import cloud.server
from benchmarks.kill_campaign import haste
from benchmarks.kill_campaign.flaws import FLAWS

LOADED = (agent.service, cloud.app, cloud.server)
"""What the programs import late, loaded beforehand."""
_PACKET = 65536
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_PROGRAMS = {"hub": cloud.cli.main, "agent": agent.cli.main}


class Wish(msgspec.Struct, frozen=True):
    """`flaw` names one of `benchmarks.kill_campaign.flaws`, for a negative control; `marks` is a folder where it keeps
    what it has done already."""

    program: Literal["hub", "agent"]
    arguments: tuple[str, ...]
    log: str
    flaw: str = ""
    marks: str = ""


class Nest:
    """A context manager, to be entered while this process has one thread. No life outlives it, not even by kill -9."""

    def __enter__(self) -> Self:
        _be_alone()
        gc.freeze()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            self._control.close()
            _tend(theirs)
        theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        os.waitpid(self._pid, 0)

    def bear(self, wish: Wish) -> int:
        """The new life's process id."""
        self._control.send(msgspec.json.encode(wish))
        answer = self._control.recv(_PACKET)
        if not answer:
            raise RuntimeError("the process that bears lives has ended")
        return int(answer)


def _tend(control: socket.socket) -> NoReturn:
    """Until whoever wishes is gone."""
    _die_with_the_parent()
    haste.hurry()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed leave no trace
    while wish := control.recv(_PACKET):
        control.send(str(_bear(control, msgspec.json.decode(wish, type=Wish))).encode())
    os._exit(0)


def _bear(control: socket.socket, wish: Wish) -> int:
    _be_alone()
    pid = os.fork()
    if pid == 0:
        control.close()
        _live(wish)
    return pid


def _live(wish: Wish) -> NoReturn:
    _die_with_the_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with Path(wish.log).open("ab") as said:
        os.dup2(said.fileno(), sys.stdout.fileno())
        os.dup2(said.fileno(), sys.stderr.fileno())
    code = 1
    try:
        if wish.flaw:
            FLAWS[wish.flaw](Path(wish.marks))
        code = _PROGRAMS[wish.program](wish.arguments)
    except BaseException:
        logging.getLogger(__name__).exception("a life ended by itself")
    finally:
        logging.shutdown()
        os._exit(code)


def _be_alone() -> None:
    if threading.active_count() != 1:
        raise RuntimeError("a thread would not survive the fork")


def _die_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)

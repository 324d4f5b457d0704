"""Lives without the wait for imports: a process that has loaded the hub or the agent and forks one life per wish. Each
life is the product's own command line, from `main` on, in a process of its own.

`python -m benchmarks.kill_campaign.zygote FD hub|agent`. Over the socket FD comes one JSON `Wish` per packet; the
life's process id goes back. When the socket ends, so does this, and with it every life.
"""

import ctypes
import gc
import importlib
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import NoReturn

import msgspec

PACKET = 65536
PROGRAMS = {"hub": ("cloud.cli", "cloud.app", "cloud.server"), "agent": ("agent.cli", "agent.service")}
"""What is loaded beforehand; the first is the program."""
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Wish(msgspec.Struct, frozen=True):
    """`flaw` names one of `benchmarks.kill_campaign.flaws`, for a negative control."""

    arguments: tuple[str, ...]
    log: str
    flaw: str = ""
    marks: str = ""
    """A folder where a flaw keeps what it has done already."""


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    program, *rest = PROGRAMS[sys.argv[2]]
    for name in (program, *rest, "benchmarks.kill_campaign.flaws", "benchmarks.kill_campaign.haste"):
        importlib.import_module(name)
    importlib.import_module("benchmarks.kill_campaign.haste").hurry(sys.argv[2])
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed leave no trace
    while wish := control.recv(PACKET):
        control.send(str(_bear(control, program, msgspec.json.decode(wish, type=Wish))).encode())


def _bear(control: socket.socket, program: str, wish: Wish) -> int:
    if threading.active_count() != 1:
        raise RuntimeError("a thread would not survive the fork")
    pid = os.fork()
    if pid == 0:
        control.close()
        _live(program, wish)
    return pid


def _live(program: str, wish: Wish) -> NoReturn:
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with Path(wish.log).open("ab") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    code = 1
    try:
        if wish.flaw:
            importlib.import_module("benchmarks.kill_campaign.flaws").FLAWS[wish.flaw](Path(wish.marks))
        code = importlib.import_module(program).main(wish.arguments)
    except BaseException:
        logging.getLogger(__name__).exception("a life ended by itself")
    finally:
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()

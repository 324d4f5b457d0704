"""Lives without the wait for imports: a process that has loaded the agent and forks one life per wish.

python -m benchmarks.print_faults.zygote FD FOLDER < settings.json. Over the socket FD comes one byte with a life's own
socket for each wish; its process id goes back.
"""

import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import NoReturn

import msgspec

from agent.config import PrinterSettings
from benchmarks.print_faults.life import live
from drivers.printers.document import PAPER_80, Document
from drivers.printers.escpos import encode


def main() -> None:
    control, folder = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    printers = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[PrinterSettings, ...])
    encode(Document(()), PAPER_80)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed leave no trace
    while True:
        wish, links, *_ = socket.recv_fds(control, 1, 1)
        if not wish:
            return
        _bear(control, links[0], folder, printers)


def _bear(control: socket.socket, link: int, folder: Path, printers: tuple[PrinterSettings, ...]) -> None:
    if threading.active_count() != 1:
        raise RuntimeError("a thread would not survive the fork")
    pid = os.fork()
    if pid == 0:
        control.close()
        _live(socket.socket(fileno=link), folder, printers)
    os.close(link)
    control.sendall(pid.to_bytes(4, "big"))


def _live(link: socket.socket, folder: Path, printers: tuple[PrinterSettings, ...]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    logging.basicConfig(filename=folder / "agent.log", level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        live(link, folder, printers)
    except BaseException:
        logging.getLogger(__name__).exception("a life ended by itself")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()

"""Mosquitto as a process of its own, with its data in a folder."""

import getpass
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from installer.demo import ports

FOUND_IN = "/usr/sbin:/usr/local/sbin"
"""Debian does not put it where ordinary accounts look."""
COMMON = """\
listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
set_tcp_nodelay true
log_dest none
"""
AS_SHIPPED = ""
"""What Debian's mosquitto.conf says: persistence, and every default: saved each half hour and when it is stopped, 1,000
messages kept for a client that is away, 20 on their way to one that is there."""
MOST_DURABLE = """\
autosave_on_changes true
autosave_interval 1
max_queued_messages 0
max_inflight_messages 1
"""
"""Saved whenever something changed, nothing dropped for being too much, in order: more is not to be had
(mosquitto.conf(5))."""


class Broker:
    def __init__(self, folder: Path, settings: str) -> None:
        self.port = ports.demand(0)
        folder.mkdir()
        self._config = folder / "mosquitto.conf"
        common = COMMON.format(port=self.port, user=getpass.getuser(), folder=folder)
        self._config.write_text(common + settings, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, within: float = 10.0) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=FOUND_IN)
        if program is None:
            raise RuntimeError("Mosquitto is not installed: make system-packages")
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", program, "-c", str(self._config)], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + within
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Mosquitto does not answer at port {self.port}")
            time.sleep(0.01)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0

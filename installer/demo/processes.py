"""The programs of the demo: started, watched, started again after a crash, stopped."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

log = logging.getLogger(__name__)

STOP_WITHIN = 8.0
"""Seconds a program gets to finish what it does before it is killed."""


class ProgramFailed(RuntimeError):
    """A program of the demo did not come up; the message ends with what it said last."""


class Program:
    """One child process with a log file. `ready` is the URL that answers 200 once it can be used."""

    def __init__(self, name: str, module: str, arguments: list[str], log_path: Path, ready: str | None = None) -> None:
        self.name = name
        self.log_path = log_path
        self.ready = ready
        self._command = [sys.executable, "-m", "installer.demo.bound", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._let_go()
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as output:
            # Its own session: Ctrl-C reaches the demo alone, which then stops its programs in the right order.
            # The pipe: see installer/demo/bound.py.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """Raises ProgramFailed when it was never started."""
        if self._process is None:
            raise ProgramFailed(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_ready(self, within: float = 90.0) -> None:
        """Raises ProgramFailed when it ended or did not answer in time."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if not self.running:
                raise ProgramFailed(f"{self.name} ended at once: {self.last_words()}")
            if self.ready is None or answers(self.ready):
                return
            time.sleep(0.05)
        raise ProgramFailed(f"{self.name} did not answer within {within:.0f} s: {self.last_words()}")

    def last_words(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "(it said nothing)"

    def kill(self) -> None:
        """As a power cut would: no farewell."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self.running:
            self._process.send_signal(how)
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in %.0f s and is killed", self.name, STOP_WITHIN)
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()


def answers(url: str) -> bool:
    """Whether the program behind the URL says it is well."""
    try:
        return httpx.get(url, timeout=1.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def restart_fallen(programs: list[Program], tell: Callable[[str], None]) -> None:
    """What systemd and the Windows service manager do in a real store."""
    for program in programs:
        if not program.running:
            tell(f"{program.name} ended unexpectedly and is started again ({program.last_words()})")
            program.start()

"""One booted PC: systemd is its process 1."""

import subprocess
import time
from pathlib import Path
from typing import Self

BOOT_S, STOP_S = 60.0, 30.0


class TrialFailed(RuntimeError):
    """The container, or a command in it, did not do what it must; the message ends with what was said."""


class Container:
    """Booted while the context lasts; `root` stays as it was left, so that it can be booted again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._console = root.with_suffix(".log")
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Self:
        self.boot()
        return self

    def __exit__(self, *_: object) -> None:
        self.halt()

    def boot(self) -> None:
        """Returns once systemd has started all that it starts by itself."""
        self.power_on()
        self.run("systemctl", "is-system-running", "--wait", check=False)

    def power_on(self) -> None:
        """Returns as soon as systemd answers."""
        options = ["--boot", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=off"]
        with self._console.open("ab") as console:
            self._nspawn = subprocess.Popen(
                ["systemd-nspawn", "--directory", str(self.root), *options],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self._leader = self._find_leader(self._nspawn.pid)

    def halt(self) -> None:
        """As somebody who presses the power button once."""
        if self._nspawn is not None:
            self._nspawn.terminate()
            self._nspawn.wait(STOP_S)
            self._nspawn = None

    def run(self, *command: str, check: bool = True, within: float = 120.0) -> str:
        """As its superuser; what was said, on either stream. Raises TrialFailed."""
        enter = ["nsenter", "--target", str(self._leader), "--all", "--wdns=/", "env", "-i", _PATH, "LC_ALL=C.UTF-8"]
        done = subprocess.run(
            [*enter, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within,
            check=False,
        )
        if check and done.returncode != 0:
            raise TrialFailed(f"{' '.join(command)} ended with {done.returncode}: {done.stdout.strip()}")
        return done.stdout.strip()

    def process(self, name: str) -> int:
        """Its number outside of the container. Raises TrialFailed unless there is exactly one."""
        found = [pid for pid in _descendants(self._leader) if _name(pid) == name]
        if len(found) != 1:
            raise TrialFailed(f"there are {len(found)} processes {name}")
        return found[0]

    def path(self, inside: str) -> Path:
        """As it is seen from within, `/run` and `/tmp` included."""
        return Path(f"/proc/{self._leader}/root", inside.lstrip("/"))

    def property(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "--value", "--property", name, unit)

    def _find_leader(self, nspawn: int) -> int:
        deadline = time.monotonic() + BOOT_S
        while time.monotonic() < deadline:
            for pid in _descendants(nspawn):
                if _name(pid) == "systemd" and self._is_up(pid):
                    return pid
            time.sleep(0.02)
        raise TrialFailed(f"no systemd came up: {self._console.read_text(encoding='utf-8', errors='replace')[-500:]}")

    def _is_up(self, pid: int) -> bool:
        """Whether commands find somebody to talk to."""
        return Path(f"/proc/{pid}/root/run/systemd/private").exists()


_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
    except OSError:  # it ended meanwhile
        return ""


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    return [descendant for child in map(int, children) for descendant in (child, *_descendants(child))]

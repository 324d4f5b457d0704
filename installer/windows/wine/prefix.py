"""A wine of our own: its prefix, its screen, and the rules of starting things in it (facts/packaging.md §5).

wine is no Windows: what passes here is a smoke test (docs/limits.md says what it cannot prove).
"""

import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

from installer.windows.mingw import compiled

PATIENCE = 900.0
"""Seconds that one program may take; the longest is the freezing, which takes two minutes on an idle machine."""
_NO_EXTRAS = "mscoree=;mshtml=;winemenubuilder.exe=d"
"""No .NET, no HTML engine, no entries in the menus of this machine's desktop."""


class WineFailed(RuntimeError):
    """A program under wine ended badly; the message ends with what it said."""


class Wine:
    """One prefix with a screen. Every program inherits nothing of ours but what is given here."""

    def __init__(self, prefix: Path, display: str) -> None:
        self.prefix, self.display = prefix, display
        self._drains = list["subprocess.Popen[bytes]"]()
        self.environment = os.environ | {
            "WINEPREFIX": str(prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": _NO_EXTRAS,
            "DISPLAY": display,
            "HOME": str(prefix.parent),
        }

    def run(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        patience: float = PATIENCE,
    ) -> str:
        """Runs a program to its end and returns what it said; raises WineFailed after `patience` seconds. Python's
        standard output has to be a pipe under wine."""
        with subprocess.Popen(
            ["wine", *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=self.environment | dict(env or {}),
        ) as process:
            said = _heard(process, patience)
        return _judged(command, process.returncode, said, check)

    def tell(self, *command: str | Path) -> str:
        """As `ask`; raises WineFailed for another exit code than 0."""
        code, said = self.ask(*command)
        return _judged(command, code, said.encode(), check=True)

    def ask(self, *command: str | Path) -> tuple[int, str]:
        """Exit code and words, for wine's own programs and installers. These leave services behind, which would keep a
        pipe open; their words go to a file."""
        words = self.prefix.parent / "said.txt"
        with words.open("wb") as output:
            process = subprocess.Popen(
                ["wine", *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )
            code = process.wait(PATIENCE)
        return code, _text(words.read_bytes())

    def start(self, *command: str | Path) -> "subprocess.Popen[bytes]":
        """Starts a program; what it says is lost, and nobody waits for its pipe (see `_heard`): `cat` has it."""
        drain = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert drain.stdin is not None
        self._drains.append(drain)
        with drain.stdin:
            return subprocess.Popen(
                ["wine", *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=drain.stdin,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )

    def path(self, windows_path: str) -> Path:
        """Where `C:\\...` lies on this machine."""
        _, *parts = PureWindowsPath(windows_path).parts
        return self.prefix.joinpath("drive_c", *parts)

    @staticmethod
    def path_there(path: Path) -> str:
        """What a program in it calls a file of this machine: the whole of it is drive Z."""
        return "Z:" + str(path).replace("/", "\\")

    def end(self) -> None:
        """Ends every program of this prefix, and of no other."""
        subprocess.run(["/usr/lib/wine/wineserver", "-k"], env=self.environment, check=False)
        subprocess.run(["/usr/lib/wine/wineserver", "-w"], env=self.environment, check=False, timeout=30)
        for drain in self._drains:
            drain.kill()
            drain.wait()
        self._drains.clear()


@contextmanager
def wine(prefix: Path, *, fresh: bool = False) -> Iterator[Wine]:
    """Makes the prefix when there is none. A prefix that was ever started without a screen could show no window."""
    if fresh:
        shutil.rmtree(prefix, ignore_errors=True)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with screen() as display:
        opened = Wine(prefix, display)
        try:
            if not (prefix / "system.reg").exists():
                opened.tell("wineboot", "--init")
                opened.tell("winecfg", "-v", "win10")
                _complete(opened)
                opened.end()  # in its very first session wine's service manager starts no new service
            yield opened
        finally:
            opened.end()


def _complete(opened: Wine) -> None:
    """Debian's wine 8.0 lacks a library that every Windows has."""
    library = opened.path(r"C:\windows\system32\bcryptprimitives.dll")
    if not library.exists():
        compiled(library, "-shared", Path(__file__).parent / "bcryptprimitives.c", "-ladvapi32")


@contextmanager
def screen(size: str = "1024x768x24") -> Iterator[str]:
    """An X server of our own on a display number that is free, e.g. ":3"."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise WineFailed("Xvfb does not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def _heard(process: "subprocess.Popen[bytes]", patience: float) -> bytes:
    """All that a program says until its end. Its console, a program of wine's, may keep the pipe open for ever, so the
    end is that of the program and a second of silence."""
    assert process.stdout is not None
    said, deadline = b"", time.monotonic() + patience
    with selectors.DefaultSelector() as pipe:
        pipe.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if pipe.select(1.0):
                heard = os.read(process.stdout.fileno(), 65536)
                said += heard
                if not heard:
                    return said
            elif process.poll() is not None:
                return said
    process.kill()
    raise WineFailed(f"not done after {patience:.0f} s:\n{_text(said)[-4000:]}")


def _judged(command: tuple[str | Path, ...], code: int, said: bytes, check: bool) -> str:
    words = _text(said)
    if check and code != 0:
        raise WineFailed(f"{' '.join(map(str, command))} ended with {code}:\n{words[-4000:]}")
    return words


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace").replace("\r\n", "\n")

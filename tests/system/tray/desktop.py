"""A desktop without a screen: an X server, a session bus, a panel with a tray, and what shows notifications."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from PIL import Image, ImageChops, ImageStat

ROOT = Path(__file__).parents[3]
SCREENSHOTS = ROOT / "build" / "screenshots"
SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian's, with Debian's pystray: where the packaged tray runs too."""
WIDTH, HEIGHT, PANEL = 900, 600, 40

Box = tuple[int, int, int, int]


class Desktop:
    """Use as a context manager. What would be seen in a browser or heard is kept in files instead."""

    def __init__(self, folder: Path, *, notifications: bool = True) -> None:
        self._folder, self._notifications = folder, notifications
        self._stack = ExitStack()
        self.browser = folder / "opened.txt"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        runtime = self._folder / "runtime"
        runtime.mkdir(mode=0o700)
        self._lay_out_tray()
        self._write_program("browser", f'echo "$1" >> {self.browser}')
        self._write_program("paplay", f'cp "$1" {self._folder}/heard-$$.wav')
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DBUS", "XDG", "WAYLAND"))},
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "BROWSER": str(self._folder / "browser"),
            "PATH": f"{self._folder}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "GTK_USE_PORTAL": "0",
        }
        screen = f"{WIDTH}x{HEIGHT}x24"
        display = self._told(stack, "Xvfb", "-displayfd", "{fd}", "-screen", "0", screen, "-nolisten", "tcp")
        self.environment["DISPLAY"] = f":{display}"
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._told(
            stack, "dbus-daemon", "--session", "--nofork", "--print-address={fd}"
        )
        panel = ("--edge", "top", "--align", "right", "--widthtype", "request", "--height", str(PANEL))
        self._start_program(stack, "trayer", *panel, "--transparent", "false", "--monitor", "0")
        if self._notifications:
            self._start_program(stack, "dunst", "-conf", "/dev/null")

    def _lay_out_tray(self) -> None:
        """As the package does: the tray's files, and nothing else of the agent."""
        beside = self._folder / "tray" / "agent"
        shutil.copytree(ROOT / "agent" / "tray", beside / "tray", ignore=shutil.ignore_patterns("*_windows.py"))
        shutil.copy(ROOT / "agent" / "__init__.py", beside)

    def _write_program(self, name: str, does: str) -> None:
        path = self._folder / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o700)

    def _told(self, stack: ExitStack, *command: str) -> str:
        """Starts a program that writes one line to a descriptor when it is ready."""
        reading, writing = os.pipe()
        with os.fdopen(reading) as answer:
            arguments = [part.format(fd=writing) for part in command]
            self._start_program(stack, *arguments, passing=(writing,))
            os.close(writing)
            return answer.readline().strip()

    def _start_program(self, stack: ExitStack, *command: str, passing: tuple[int, ...] = ()) -> None:
        process = subprocess.Popen(
            command, env=self.environment, pass_fds=passing, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        stack.callback(_end, process)

    @contextmanager
    def tray(self, backend: str, *arguments: str) -> Iterator["Tray"]:
        log = self._folder / f"tray-{backend}.log"
        environment = {**self.environment, "PYSTRAY_BACKEND": backend, "PYTHONPATH": str(self._folder / "tray")}
        with log.open("ab") as output:
            process = subprocess.Popen(
                [SYSTEM_PYTHON, "-m", "agent.tray", *arguments],
                env=environment,
                cwd=self._folder,
                stdout=output,
                stderr=output,
            )
        try:
            yield Tray(process, log)
        finally:
            _end(process)

    def shot(self, name: str = "") -> Image.Image:
        """The whole screen; kept for a person to look at where it has a name."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name or 'tray-now'}.png"
        self._run("import", "-silent", "-window", "root", str(path))
        with Image.open(path) as image:
            return image.convert("RGB")

    def click(self, x: int, y: int, button: int) -> None:
        self._run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def keys(self, *keys: str) -> None:
        self._run("xdotool", "key", "--delay", "80", *keys)

    def no_notifications(self) -> None:
        self._run("dunstctl", "close-all")
        time.sleep(0.5)

    def notifications(self) -> list[str]:
        """The text of those that are shown, which are closed by this."""
        self.no_notifications()
        told = subprocess.run(
            ["dunstctl", "history"], env=self.environment, check=True, timeout=20, capture_output=True
        )
        return [each["body"]["data"] for each in json.loads(told.stdout)["data"][0]]

    def heard(self) -> list[Path]:
        return sorted(self._folder.glob("heard-*.wav"))

    def opened(self) -> list[str]:
        return self.browser.read_text().splitlines() if self.browser.exists() else []

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, timeout=20, capture_output=True)


class Tray:
    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def changed(before: Image.Image, after: Image.Image) -> Box | None:
    """The smallest box around all that differs."""
    return ImageChops.difference(before, after).getbbox()


def like(image: Image.Image, wanted: Image.Image) -> float:
    """How much two pictures differ: 0 for the same, 1 for black beside white."""
    difference = ImageChops.difference(image.convert("RGB"), wanted.convert("RGB"))
    return sum(band / 255 for band in ImageStat.Stat(difference).mean) / 3

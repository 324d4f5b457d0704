"""The agent's log: JSON lines in DATA/logs/agent.log, sentences on standard error, one line per change of state.

The file rotates by size: at most 5 files of 2 MB, 10 MB of disk in all. What ends a thread or the program without
being caught is in it, and what ends the interpreter itself leaves its stacks in DATA/logs/crash.txt, which the next
start reports. Third-party libraries are heard from warnings on, whatever our own level: some log URLs and bodies.
"""

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from agent.config import LogLevel, Settings
from agent.journal_lines import ForJournald, JsonLines, Sentences

log = logging.getLogger(__name__)

FOLDER, FILE, CRASH, EARLIER_CRASH = "logs", "agent.log", "crash.txt", "crash.earlier.txt"
LARGEST_FILE = 2_000_000
"""Bytes."""
EARLIER_FILES = 4
LONGEST_CHANGE = 24 * 60
"""Minutes: nobody remembers a level that was changed for longer, and a full log tells least."""
OURS = ("agent", "domain", "drivers")


class LevelView(msgspec.Struct, frozen=True):
    """`minutes_left` counts until the level of the settings holds again; None while it does."""

    level: LogLevel
    minutes_left: float | None


class Journal:
    """One per process. `change_level` and `view` may be called from any thread."""

    def __init__(self, usual: LogLevel) -> None:
        self._usual, self._level = usual, usual
        self._back_at = 0.0
        self._timer: threading.Timer | None = None
        self._gate = threading.Lock()
        _set(usual)

    @property
    def view(self) -> LevelView:
        with self._gate:
            left = (self._back_at - time.monotonic()) / 60 if self._timer is not None else None
            return LevelView(self._level, left)

    def change_level(self, level: LogLevel, minutes: float) -> LevelView:
        """For so long; then, and after a restart, the settings' level holds again."""
        with self._gate:
            self._forget_timer()
            self._level, self._back_at = level, time.monotonic() + minutes * 60
            _set(level)
            if level is not self._usual:
                self._timer = threading.Timer(minutes * 60, self._fall_back)
                self._timer.daemon = True
                self._timer.start()
        log.warning("the log level is %s for %g minutes", level, minutes)
        return self.view

    def change_usual(self, level: LogLevel) -> None:
        """The settings were changed; a level that was asked for a while goes on for its while."""
        with self._gate:
            self._usual = level
            if self._timer is None:
                self._level = level
                _set(level)

    def close(self) -> None:
        with self._gate:
            self._forget_timer()

    def _fall_back(self) -> None:
        with self._gate:
            self._timer, self._level = None, self._usual
            _set(self._usual)
        log.warning("the log level is %s again", self._usual)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class LogFile(RotatingFileHandler):
    """Readable by the agent's account only. A disk that is full, or a file that another program holds open, is told on
    standard error once, and the agent works on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LARGEST_FILE, backupCount=EARLIER_FILES, encoding="utf-8")
        self._failing = self._failed_now = False
        self.setFormatter(JsonLines())

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=_private)

    def emit(self, record: logging.LogRecord) -> None:
        self._failed_now = False
        super().emit(record)
        self._failing = self._failed_now

    def doRollover(self) -> None:
        """Where Windows refuses the renaming (an antivirus reads the file), it grows on and is tried again."""
        try:
            super().doRollover()
        except OSError:
            self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:
        self._failed_now = True
        if not self._failing and sys.stderr is not None:
            print(f"{self.baseFilename} cannot be written: {sys.exc_info()[1]}", file=sys.stderr)


@contextmanager
def begin(settings: Settings) -> Iterator[Journal]:
    """Everything is undone at the end. Whoever holds the data folder may begin: one program writes the file."""
    folder = settings.folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, handlers = LogFile(folder / FILE), _stderr_handlers()
    root = logging.getLogger()
    for handler in (file, *handlers):
        root.addHandler(handler)
    journal = Journal(settings.log_level)
    try:
        with _uncaught_errors(), _crashes(folder):
            try:
                yield journal
            except Exception as error:
                # Standard error has it from the command line; a Windows service has only this file.
                file.handle(logging.makeLogRecord(_ending(error)))
                raise
    finally:
        journal.close()
        for handler in (file, *handlers):
            root.removeHandler(handler)
            handler.close()
        for name in OURS:
            logging.getLogger(name).setLevel(logging.NOTSET)


def _set(level: LogLevel) -> None:
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _stderr_handlers() -> list[logging.Handler]:
    """Empty where there is no standard error, as in a Windows service."""
    if sys.stderr is None:
        return []
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ForJournald() if _goes_to_journald(sys.stderr) else Sentences())
    return [handler]


def _goes_to_journald(stream: IO[str]) -> bool:
    """JOURNAL_STREAM names the device and inode of the stream that systemd connected (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


@contextmanager
def _uncaught_errors() -> Iterator[None]:
    before, before_in_threads = sys.excepthook, threading.excepthook

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
        else:
            log.critical("the program ends by an error nobody caught", exc_info=(kind, error, trace))

    def uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
        name = told.thread.name if told.thread is not None else "?"
        if told.exc_value is not None:
            log.critical("thread %s ended", name, exc_info=told.exc_value)

    sys.excepthook, threading.excepthook = uncaught, uncaught_in_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before, before_in_threads


@contextmanager
def _crashes(folder: Path) -> Iterator[None]:
    """Unless somebody else has asked for the stacks already (PYTHONFAULTHANDLER, a test)."""
    _report_earlier_crash(folder)
    if faulthandler.is_enabled():
        yield
        return
    with open(folder / CRASH, "a", encoding="utf-8", opener=_private) as file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()


def _report_earlier_crash(folder: Path) -> None:
    with suppress(FileNotFoundError):
        if (folder / CRASH).stat().st_size:
            (folder / CRASH).replace(folder / EARLIER_CRASH)
            log.error("the last run crashed: its stacks are in %s", folder / EARLIER_CRASH)


def _ending(error: Exception) -> dict[str, object]:
    trace = (type(error), error, error.__traceback__)
    return {
        "name": __name__,
        "levelno": logging.CRITICAL,
        "levelname": "CRITICAL",
        "msg": "the agent ends: %s",
        "args": (error,),
        "exc_info": trace,
    }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

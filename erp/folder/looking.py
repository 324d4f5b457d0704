"""Finds the complete files of `in`; one that is still being written is left alone. A file is complete when it did not
change between two looks, or when the ERP laid a NAME.ok beside it. Under Windows a program that still holds a file open
keeps us from reading it."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from erp.folder.layout import fitting

SETTLED_S = 2.0
"""A file that did not change for so long is complete."""
LARGEST_FILE = 64 * 1024 * 1024
"""Of a larger one only the beginning is read, and it is refused."""
STUCK_S = 600.0
"""One that was not taken for so long is told."""
_MODE: Literal["rb", "r+b"] = "rb" if os.name == "posix" else "r+b"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Windows has none, and there only an administrator makes links."""
_UNFINISHED = (".tmp", ".part", ".crdownload", ".filepart")


@dataclass(frozen=True, slots=True)
class Complete:
    """One complete file. `digest` is of its content; where its name says something too, of both (`Taking.take`)."""

    path: Path
    raw: bytes
    digest: bytes

    @property
    def name(self) -> str:
        return written(self.path.name)


def written(name: str) -> str:
    """As it can be written down: a name in another encoding than this system's has no such characters."""
    return os.fsencode(name).decode("utf-8", "replace")


class Watch:
    """Remembers how each file looked, over the looks of one run of the agent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}
        self._here: dict[Path, float] = {}
        self._told: set[Path] = set()

    def complete(self, folder: Path, *, wants_ok: Callable[[str], bool]) -> Iterator[Complete]:
        """Oldest first; each is read when it is its turn. Raises OSError of the folder itself."""
        here = set(_names(folder))
        self._remember(here)
        for path in _files(here):
            if self._settled(path, needs_ok=wants_ok(path.name)):
                read = read_now(path)
                if read is not None:
                    del self._here[path]  # one that comes later under its name is another
                    yield read

    def _remember(self, here: set[Path]) -> None:
        now = self._clock()
        self._here = {path: self._here.get(path, now) for path in here}
        self._seen = {path: seen for path, seen in self._seen.items() if path in here}
        self._told &= here

    def stuck(self, wants_ok: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
        """Names of what has lain there for long without being taken, and why: each is told once."""
        before = self._clock() - STUCK_S
        for path in [path for path, since in self._here.items() if since <= before and path not in self._told]:
            self._told.add(path)
            if why := _why(path, needs_ok=wants_ok(path.name)):
                yield path.name, why

    def _settled(self, path: Path, *, needs_ok: bool) -> bool:
        if needs_ok:
            return ok_of(path).exists()
        now, looks = self._clock(), _looks(path)
        seen, since = self._seen.get(path, (None, now))
        if looks is None:
            return False
        if seen != looks:
            self._seen[path] = looks, now
            return False
        return now - since >= SETTLED_S


def ok_of(path: Path) -> Path:
    """`sales.csv.ok`."""
    return path.with_name(fitting(path.name, ".ok"))


def _names(folder: Path) -> Iterator[Path]:
    """Whatever is to be taken or told of, links and unfinished files too."""
    for entry in os.scandir(folder):
        if not entry.name.startswith((".", "~")) and not entry.name.lower().endswith(".ok"):
            yield Path(entry.path)


def _files(paths: Iterable[Path]) -> list[Path]:
    """Those that may be taken, the oldest first. Any may go while we look: the ERP renames it."""
    found = []
    for path in paths:
        with suppress(FileNotFoundError):
            seen = path.lstat()
            if stat.S_ISREG(seen.st_mode) and not _unfinished(path):
                found.append((seen.st_mtime_ns, path.name, path))
    return [path for *_, path in sorted(found)]


def _unfinished(path: Path) -> bool:
    return path.name.lower().endswith(_UNFINISHED)


def _why(path: Path, *, needs_ok: bool) -> str:
    """Empty for one that is not there any more."""
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return ""
    if not is_file:
        return "不是文件（链接或文件夹不读取），请放入文件本身"
    if _unfinished(path):
        return f"文件名以 {path.suffix} 结尾，视为还没有写完；写完后请改名"
    if needs_ok and not ok_of(path).exists():
        return "旁边没有同名的 .ok 文件，视为还没有写完"
    try:
        _opened(path).close()
    except OSError as error:
        return f"不能读取（{error.strerror}），请检查文件的权限，或关闭占用它的程序"
    return "一直在变化，视为还没有写完"


def _looks(path: Path) -> tuple[int, int] | None:
    """None of one that is not there any more."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return None
    return now.st_size, now.st_mtime_ns


def read_now(path: Path) -> Complete | None:
    """Whether it is complete or not; None where it changed while it was read, or another program holds it."""
    try:
        before = _looks(path)
        with _opened(path) as file:
            raw = file.read(LARGEST_FILE + 1)
        if _looks(path) != before:
            return None
    except OSError:
        return None
    return Complete(path, raw, hashlib.sha256(raw).digest())


def _opened(path: Path) -> BinaryIO:
    """Never through a link: whoever may lay files here must not have us read what only we may read. Windows: for
    writing too, which is refused while another program still writes it."""
    return open(path, _MODE, opener=lambda name, how: os.open(name, how | _NO_LINK))

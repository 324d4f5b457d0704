"""Which files of `in` are complete. One that is still written is left alone: it no longer grows between two looks, or
the ERP says so by NAME.ok beside it; and whoever holds it open under Windows keeps us from reading it."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from erp.folder.layout import fitting

SETTLED_S = 2.0
"""A file that did not change for so long is complete."""
_MODE: Literal["rb", "r+b"] = "rb" if os.name == "posix" else "r+b"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Windows has none, and there only an administrator makes links."""
_UNFINISHED = (".tmp", ".part", ".crdownload", ".filepart", ".ok")


@dataclass(frozen=True, slots=True)
class Complete:
    """`digest` of what stands in it; where the name says something too, of both (`taking.Taking.take`)."""

    path: Path
    raw: bytes
    digest: bytes

    @property
    def name(self) -> str:
        """As it can be written down: a name in another encoding than this system's has no such characters."""
        return os.fsencode(self.path.name).decode("utf-8", "replace")


class Watch:
    """Remembers how each file looked, over the looks of one run of the agent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def complete(self, folder: Path, *, wants_ok: Callable[[str], bool], most: int) -> Iterator[Complete]:
        """Oldest first; each is read when it is its turn. `most` bytes; a larger one comes without its content. Raises
        OSError of the folder itself."""
        found = sorted(_files(folder), key=lambda path: (path.lstat().st_mtime_ns, path.name))
        here = set(found)
        self._seen = {path: seen for path, seen in self._seen.items() if path in here}
        for path in found:
            if self._settled(path, needs_ok=wants_ok(path.name)):
                read = _read(path, most)
                if read is not None:
                    yield read

    def _settled(self, path: Path, *, needs_ok: bool) -> bool:
        if needs_ok:
            return ok_of(path).exists()
        now, looks = self._clock(), _looks(path)
        seen, since = self._seen.get(path, (None, now))
        if seen != looks:
            self._seen[path] = looks, now
            return False
        return now - since >= SETTLED_S


def ok_of(path: Path) -> Path:
    """`sales.csv.ok`."""
    return path.with_name(fitting(path.name, ".ok"))


def _files(folder: Path) -> list[Path]:
    files = (entry for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))
    return [Path(entry.path) for entry in files if not _unfinished(entry.name)]


def _unfinished(name: str) -> bool:
    return name.startswith((".", "~")) or name.lower().endswith(_UNFINISHED)


def _looks(path: Path) -> tuple[int, int]:
    now = path.lstat()
    return now.st_size, now.st_mtime_ns


def read_now(path: Path, most: int = 64 * 1024 * 1024) -> Complete | None:
    """Whether it is complete or not, for whoever only looks."""
    return _read(path, most)


def _read(path: Path, most: int) -> Complete | None:
    """None where it changed while it was read, or another program holds it."""
    try:
        before = _looks(path)
        with _opened(path) as file:
            raw = file.read(most + 1)
        if _looks(path) != before:
            return None
    except OSError:
        return None
    return Complete(path, raw, hashlib.sha256(raw).digest())


def _opened(path: Path) -> BinaryIO:
    """Never through a link: whoever may lay files here must not have us read what only we may read. Windows: for
    writing too, which is refused while another program still writes it."""
    return open(path, _MODE, opener=lambda name, how: os.open(name, how | _NO_LINK))

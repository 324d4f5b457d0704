"""Which files of `in` are complete. One that is still written is left alone: it no longer grows between two looks, or
the ERP says so by NAME.ok beside it; and whoever holds it open under Windows keeps us from reading it."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SETTLED_S = 2.0
"""A file that did not change for so long is complete."""
_UNFINISHED = (".tmp", ".part", ".crdownload", ".filepart", ".ok")


@dataclass(frozen=True, slots=True)
class Complete:
    path: Path
    raw: bytes
    digest: bytes


class Watch:
    """Remembers how each file looked, over the looks of one run of the agent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def complete(self, folder: Path, *, wants_ok: Callable[[str], bool], most: int) -> Iterator[Complete]:
        """Oldest first; each is read when it is its turn. `most` bytes; a larger one comes without its content. Raises
        OSError of the folder itself."""
        found = sorted(_files(folder), key=lambda path: (path.stat().st_mtime_ns, path.name))
        self._seen = {path: seen for path, seen in self._seen.items() if path in found}
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
    return path.with_name(f"{path.name}.ok")


def _files(folder: Path) -> list[Path]:
    return [
        Path(entry.path)
        for entry in os.scandir(folder)
        if entry.is_file() and not entry.name.startswith((".", "~")) and not entry.name.lower().endswith(_UNFINISHED)
    ]


def _looks(path: Path) -> tuple[int, int]:
    now = path.stat()
    return now.st_size, now.st_mtime_ns


def read_now(path: Path, most: int = 64 * 1024 * 1024) -> Complete | None:
    """Whether it is complete or not, for whoever only looks."""
    return _read(path, most)


def _read(path: Path, most: int) -> Complete | None:
    """None where it changed while it was read, or another program holds it."""
    try:
        before = _looks(path)
        with path.open("r+b") as file:  # Windows: refused while another program still writes it
            raw = file.read(most + 1)
        if _looks(path) != before:
            return None
    except OSError:
        return None
    return Complete(path, raw, hashlib.sha256(raw).digest())

"""A list of a folder's files that two builds can be compared by: path, rights, size, SHA-256."""

import hashlib
from collections.abc import Iterator
from pathlib import Path


def file_list(folder: Path) -> str:
    return "\n".join(_lines(folder)) + "\n"


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield f"{'':>64}  link {'':>10}  {name} -> {path.readlink().as_posix()}"
        elif path.is_file():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            yield f"{digest}  {path.stat().st_mode & 0o7777:04o} {len(content):>10}  {name}"

"""What stands in the files of programs that go on working."""

import os
from contextlib import suppress
from pathlib import Path


def contents(folder: Path) -> dict[Path, bytes]:
    """Of every file below; one that goes while this looks is left out."""
    found: dict[Path, bytes] = {}
    for above, _, names in os.walk(folder):
        for path in (Path(above, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    found[path] = path.read_bytes()
    return found

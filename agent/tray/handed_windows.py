r"""What the service hands over, on Windows: a file in %PROGRAMDATA%\Yaolink\run that interactive users may read."""

import os
from pathlib import Path

_LONGEST = 4096


def default_place() -> Path:
    return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData"), "Yaolink", "run", "tray.json")


def take(place: Path, *, patience: float) -> bytes:
    """One line of JSON. Raises OSError where no service is. A file keeps nobody waiting, whatever the `patience`."""
    with place.open("rb") as file:
        return file.readline(_LONGEST)

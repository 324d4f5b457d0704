"""The environment in which two builds of one commit give the same bytes, wherever the tools allow it."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def environment() -> dict[str, str]:
    """The builder's own, with the clock and the hash seed fixed."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "0"}


def epoch() -> int:
    """When the source was last changed, in seconds since 1970: SOURCE_DATE_EPOCH, else the commit's time."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told is not None:
        return int(told)
    said = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(said.stdout)

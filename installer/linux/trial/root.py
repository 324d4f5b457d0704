"""The Debian that a trial begins with: made once by debootstrap, copied for each trial."""

import shutil
import subprocess
from pathlib import Path

from installer.reproducible import ROOT

FRESH = ROOT / "build" / "system" / "bookworm"
_BESIDES = "systemd,systemd-sysv,dbus"


def fresh() -> Path:
    """The folder, made if it is not there yet (a minute, from Debian's mirror). Raises CalledProcessError."""
    if not FRESH.exists():
        beside = FRESH.with_suffix(".new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.parent.mkdir(parents=True, exist_ok=True)
        command = ["debootstrap", "--variant=minbase", f"--include={_BESIDES}", "bookworm", str(beside)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        beside.rename(FRESH)
    return FRESH


def copy(into: Path) -> Path:
    subprocess.run(["cp", "--archive", "--reflink=auto", str(fresh()), str(into)], check=True)
    return into

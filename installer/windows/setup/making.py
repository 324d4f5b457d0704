"""Runs makensis."""

import subprocess
import sys
from pathlib import Path

from installer.windows.account import service_sid
from installer.windows.version_info import numbers

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
SERVICE = "YaolinkAgent"
"""As `agent/service_manager_windows.py` calls itself."""


class SetupFailed(RuntimeError):
    """makensis is not there, or gave up; the message ends with what it said."""


def make_setup(frozen: Path, out: Path, version: str, *, sign: bool, small: bool = True) -> Path:
    """The installer of a frozen folder. `sign`: itself and its uninstaller, by `installer.windows.sign`; `small` takes
    a minute longer."""
    given = {
        "VERSION": version,
        "VERSION4": ".".join(map(str, numbers(version))),
        "FROZEN": str(frozen.resolve()),
        "OUT": str(out.resolve()),
        "SERVICE_SID": service_sid(SERVICE),
    }
    if sign:
        given["SIGN"] = f"cd {ROOT} && {sys.executable} -m installer.windows.sign"
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "makensis",
        "-V2",
        "-NOCD",
        "-INPUTCHARSET",
        "UTF8",
        *(f"-D{key}={value}" for key, value in given.items()),
    ]
    quick = [] if small else ["-XSetCompressor /FINAL zlib"]
    try:
        done = subprocess.run([*command, *quick, "agent.nsi"], cwd=HERE, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SetupFailed("there is no makensis: apt-get install nsis") from error
    if done.returncode != 0:
        raise SetupFailed(f"makensis: {done.stdout[-3000:]}{done.stderr}".strip())
    return out

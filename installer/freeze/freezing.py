"""Runs PyInstaller in the interpreter that runs this: it must hold the product's libraries and no others."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SPEC = Path(__file__).with_name("agent.spec")
NAME = "yaolink-agent"


class FreezeFailed(RuntimeError):
    """PyInstaller gave up; the message ends with what it said last."""


def freeze(into: Path, environment: Mapping[str, str]) -> Path:
    """The folder `into/yaolink-agent`, made anew. Raises FreezeFailed."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    folders = ["--distpath", str(into), "--workpath", str(into / "work")]
    done = subprocess.run(
        [*command, *folders, str(SPEC)], cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FreezeFailed("\n".join((done.stderr or done.stdout).strip().splitlines()[-15:]))
    frozen = into / NAME
    _make_libraries_plain(frozen)
    return frozen


def _make_libraries_plain(frozen: Path) -> None:
    """Only the program itself is executed; Debian's checker minds a shared library that could be."""
    for path in (frozen / "_internal").rglob("*"):
        if path.is_file():
            path.chmod(0o644)

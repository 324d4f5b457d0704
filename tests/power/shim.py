"""The recorder: built with gcc, preloaded into a process, begun there."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("recorder")
PLACE = "YAOLINK_POWER_SHIM"
"""Tells a process which recorder it was begun with."""


class NoCompiler(RuntimeError):
    """There is no gcc on this machine."""


def build(folder: Path) -> Path:
    """Raises NoCompiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise NoCompiler(
            "the recorder of power cuts is written in C and there is no gcc; `make system-packages` gets it"
        )
    made = folder / "power_shim.so"
    flags = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread")
    subprocess.run([compiler, *flags, "-o", str(made), *map(str, sorted(SOURCE.glob("*.c")))], check=True)
    return made


def preloaded(shim: Path) -> Mapping[str, str]:
    """The environment of a process that can be recorded."""
    return {**os.environ, "LD_PRELOAD": str(shim), PLACE: str(shim)}


def record(folder: Path, log: Path) -> None:
    """From now on everything that this process, which was begun `preloaded`, does in `folder` is appended to `log`."""
    recorder = ctypes.CDLL(os.environ[PLACE])
    if recorder.power_record(str(folder.resolve()).encode(), str(log).encode()) != 0:
        raise OSError(f"the recorder cannot write {log}")

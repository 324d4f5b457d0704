"""mingw-w64, the compiler for the few lines of C that are ours."""

import subprocess
from pathlib import Path


class NoCompiler(RuntimeError):
    """mingw-w64 is not installed."""


def compiled(target: Path, *arguments: str | Path) -> None:
    """Raises NoCompiler, and CalledProcessError for C that does not compile."""
    command = ["x86_64-w64-mingw32-gcc", "-O2", "-s", "-o", str(target), *map(str, arguments)]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError as error:
        raise NoCompiler("there is no mingw-w64: apt-get install gcc-mingw-w64-x86-64") from error

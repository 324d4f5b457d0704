"""Runs PyInstaller in the Windows Python under wine. On a real Windows `agent.spec` is run directly."""

import hashlib
import importlib.metadata
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.freeze.freezing import NAME, ROOT, SPEC
from installer.windows.python import assemble
from installer.windows.wine.prefix import Wine

LOCK = ROOT / "locks" / "windows.txt"


def windows_python(target: Path, requirements: Sequence[Path] = (LOCK,)) -> Path:
    """`target/python.exe` with these packages and our own metadata; made again when one of the lists has changed."""
    stamp = target / "made-from.txt"
    made_from = fingerprint((assemble.HERE / "interpreter.txt", *requirements))
    if not stamp.exists() or stamp.read_text() != made_from:
        shutil.rmtree(target, ignore_errors=True)
        assemble.assemble(target, requirements)
        stamp.write_text(made_from)
    _tell_version(target / "Lib" / "site-packages")
    return target / "python.exe"


def freeze(wine: Wine, python: Path, into: Path, environment: Mapping[str, str]) -> Path:
    """The folder `into/yaolink-agent` with both programs, made anew. Raises WineFailed."""
    command: list[str | Path] = [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    wine.run(*command, "--distpath", into, "--workpath", into / "work", SPEC, cwd=ROOT, env=environment)
    frozen = into / NAME
    shutil.copy2(ROOT / "agent" / "agent.toml", frozen)
    return frozen


def _tell_version(site_packages: Path) -> None:
    """The code is taken from the source; what it calls itself from the metadata of the interpreter that builds."""
    for former in site_packages.glob("yaolink-*.dist-info"):
        shutil.rmtree(former)
    ours = importlib.metadata.distribution("yaolink")
    folder = site_packages / f"yaolink-{ours.version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(ours.read_text("METADATA") or ours.read_text("PKG-INFO") or "", encoding="utf-8")


def fingerprint(files: Sequence[Path]) -> str:
    """What these files say, so that it can be seen whether they say it still."""
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)

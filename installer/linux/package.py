"""Lays out what goes into the Linux packages, and has nfpm make a deb and an rpm of it."""

import os
import re
import shutil
import stat
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from installer import reproducible

HERE = Path(__file__).parent
NAMES = {"deb": "yaolink-agent_{}_amd64.deb", "rpm": "yaolink-agent-{}-1.x86_64.rpm"}
"""File names as each system writes them."""
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)\b")


class PackagingFailed(RuntimeError):
    """nfpm gave up; the message is what it said."""


def package(frozen: Path, papers: Path, *, version: str, stage: Path, into: Path) -> list[Path]:
    """A deb and an rpm in `into`; `stage` is made anew. Raises PackagingFailed."""
    lay_out(frozen, papers, stage)
    into.mkdir(parents=True, exist_ok=True)
    environment = _environment(frozen, version)
    return [_nfpm(form, stage, into / name.format(version), environment) for form, name in NAMES.items()]


def lay_out(frozen: Path, papers: Path, stage: Path) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(frozen, stage / "frozen", symlinks=True)
    shutil.copytree(papers, stage / "papers")
    shutil.copytree(HERE, stage / "linux", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    lay_out_tray(stage / "tray")
    shutil.copy(reproducible.ROOT / "agent" / "agent.toml", stage)
    moment = reproducible.epoch()
    for path in stage.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
            os.utime(path, (moment, moment))


def lay_out_tray(folder: Path) -> None:
    """The tray's own files and nothing else of the agent: the system's Python has no other libraries."""
    agent = reproducible.ROOT / "agent"
    shutil.copytree(
        agent / "tray", folder / "agent" / "tray", ignore=shutil.ignore_patterns("__pycache__", "*_windows.py")
    )
    shutil.copy(agent / "__init__.py", folder / "agent")


def glibc_needed(frozen: Path) -> str:
    """The newest GLIBC that any of its libraries asks for: on an older system it would not start."""
    found = {
        (int(major), int(minor))
        for path in frozen.rglob("*")
        if path.is_file() and (".so" in path.name or path.suffix == "")
        for major, minor in _GLIBC.findall(path.read_bytes())
    }
    return "{}.{}".format(*max(found))


def _environment(frozen: Path, version: str) -> Mapping[str, str]:
    return {
        **reproducible.environment(),
        "YAOLINK_VERSION": version,
        "YAOLINK_GLIBC": glibc_needed(frozen),
    }


def _nfpm(form: str, stage: Path, made: Path, environment: Mapping[str, str]) -> Path:
    nfpm = Path(sysconfig.get_path("scripts"), "nfpm")
    command = [str(nfpm), "package", "--config", "linux/nfpm.yaml", "--packager", form, "--target", str(made.resolve())]
    done = subprocess.run(command, cwd=stage, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackagingFailed(f"nfpm, {form}: {(done.stderr or done.stdout).strip()}")
    return made

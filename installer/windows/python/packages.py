"""pip on Linux, fetching for Windows. What is fetched is pinned by hash; nothing is built, so no sdist comes in."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

FOR_WINDOWS = ("--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp", "--only-binary=:all:")
_PINNED = ("--require-hashes", "--no-deps", "--quiet", "--disable-pip-version-check")


def download(requirements: Path, folder: Path) -> None:
    _pip("download", *_PINNED, *FOR_WINDOWS, "--dest", str(folder), "-r", str(requirements))


def install(requirements: Path, site_packages: Path) -> None:
    """`--no-deps`: the lock names all there is, and pip would judge markers by the system it runs on."""
    target = ("--target", str(site_packages), "--no-compile", "--root-user-action=ignore")
    _pip("install", *_PINNED, *FOR_WINDOWS, *target, "-r", str(requirements))


def excerpt(lock: Path, names: Iterable[str]) -> str:
    """The lock file's entries of these packages, hashes and all. Raises KeyError for one it does not have."""
    entries = {
        _normal(entry.partition("==")[0]): entry
        for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
        if "==" in entry
    }
    return "\n".join(_without_marker(entries[_normal(name)]) for name in names) + "\n"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _without_marker(entry: str) -> str:
    """Markers are judged by the system pip runs on; who takes an excerpt has judged already."""
    return re.sub(r" *;[^\\\n]*", " ", entry, count=1)


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)

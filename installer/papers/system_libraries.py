"""The shared libraries that come from the building system itself: Debian says whose they are."""

import subprocess
from pathlib import Path

from installer.papers.bundled import Bundled, sources

_DOCUMENTS = Path("/usr/share/doc")


def from_debian(work: Path) -> list[Bundled]:
    """Nothing where the program was not built on Debian, or has no such library."""
    taken = {Path(source).resolve() for source in sources(work) if source.startswith(("/lib/", "/usr/lib/"))}
    packages = {package for path in taken for package in _owners(path)}
    return [_described(package) for package in sorted(packages)]


def _owners(path: Path) -> list[str]:
    """dpkg knows a library by the path it was unpacked to, which may lack the /usr that Debian merged in."""
    for known_as in (str(path), str(path).removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "--search", known_as], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return [line.partition(": ")[0] for line in found.stdout.splitlines()]
    return []


def _described(package: str) -> Bundled:
    asked = ["dpkg-query", "--show", "--showformat=${Version}", package]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    name = package.partition(":")[0]
    text = (_DOCUMENTS / name / "copyright").read_text(encoding="utf-8")
    return Bundled(name, version, "see its texts", {"copyright": text}, kind="deb")

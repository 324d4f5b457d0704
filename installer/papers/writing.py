"""Puts the papers of one build into a folder that the packages take as it is."""

import gzip
import shutil
import sysconfig
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from installer import reproducible
from installer.papers.bundled import Bundled, from_tables
from installer.papers.file_list import file_list
from installer.papers.system_libraries import from_debian

MAINTAINER = "The Yaolink maintainers <maintainers@yaolink.invalid>"
"""As in installer/linux/nfpm.yaml."""
_DOCUMENTS = ("README.md", "CHANGELOG.md", "LICENSE", "docs/linux.md", "docs/operate.md", "docs/limits.md")
_OURS = (
    "Copyright 2026 the Yaolink maintainers. Apache License, version 2.0: the file LICENSE beside this one; on Debian",
    "also /usr/share/common-licenses/Apache-2.0.",
    "",
    "The program holds these, each under its own licence; their texts are in the folder licences/ beside this file:",
)


def write_papers(frozen: Path, work: Path, site_packages: Path, *, version: str, python: str, into: Path) -> Path:
    """`work` is PyInstaller's folder of this build; `python` the version that was frozen. `into` is made anew."""
    from installer.papers.sbom import sbom  # its library is in the packaging environment only

    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    bundled = [_python(python), *from_tables(work, site_packages), *from_debian(work)]
    for document in _DOCUMENTS:
        shutil.copy(reproducible.ROOT / document, into)
    _write(into / "sbom.cdx.json", sbom(version, bundled))
    _write(into / "files.txt", file_list(frozen))
    _write(into / "copyright", copyright_text(bundled))
    for each in bundled:
        for name, text in each.texts.items():
            _write(into / "licences" / each.name / name, text)
    (into / "changelog.gz").write_bytes(gzip.compress(_debian_changelog(version).encode(), 9, mtime=0))
    return into


def copyright_text(bundled: Sequence[Bundled]) -> str:
    rows = [f"{each.name:<32} {each.version:<28} {each.licence}" for each in bundled]
    return "\n".join([*_OURS, "", *rows, ""])


def _debian_changelog(version: str) -> str:
    """In Debian's own form, which names a version and its day; what is new is in CHANGELOG.md."""
    day = format_datetime(datetime.fromtimestamp(reproducible.epoch(), UTC))
    return f"yaolink-agent ({version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- {MAINTAINER}  {day}\n"


def _python(version: str) -> Bundled:
    text = Path(sysconfig.get_path("stdlib"), "LICENSE.txt").read_text(encoding="utf-8")
    return Bundled("CPython", version, "PSF-2.0", {"LICENSE.txt": text}, kind="generic")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")

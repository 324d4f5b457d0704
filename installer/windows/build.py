"""`python -m installer.windows.build`: the Windows installer, built on Linux under wine. `make packages` calls it."""

import argparse
import importlib.metadata
import shutil
import sys
from pathlib import Path

from installer import reproducible
from installer.freeze.freezing import NAME
from installer.papers.writing import write_papers
from installer.windows.freezing import LOCK, fingerprint, freeze, windows_python
from installer.windows.mingw import NoCompiler
from installer.windows.python import assemble
from installer.windows.python.assemble import CannotAssemble
from installer.windows.setup.making import SetupFailed, make_setup
from installer.windows.signing import SigningFailed, certificate
from installer.windows.wine.prefix import WineFailed, wine

BUILD = reproducible.ROOT / "build" / "windows"
DIST = reproducible.ROOT / "dist"


def build(into: Path = DIST) -> Path:
    """`into/yaolink-agent-setup-VERSION.exe`. What goes into it besides what was frozen goes into a copy, so that the
    next build starts from what was frozen."""
    signing, frozen, packed = certificate(), frozen_program(), BUILD / "packed" / NAME
    shutil.rmtree(packed, ignore_errors=True)
    shutil.copytree(frozen, packed)
    shutil.copytree(_papers(frozen), packed / "documents")
    if signing is not None:
        for program in sorted(packed.glob("*.exe")):
            signing.sign(program)
    return make_setup(packed, into / f"yaolink-agent-setup-{version()}.exe", version(), sign=signing is not None)


def version() -> str:
    return importlib.metadata.version("yaolink")


def frozen_program() -> Path:
    """The folder with both programs; frozen anew, which takes minutes, only when what it is made of has changed."""
    stamp, made_from = BUILD / "frozen-from.txt", f"{version()}\n{fingerprint(_sources())}"
    frozen = BUILD / "frozen" / NAME
    if not (frozen.exists() and stamp.exists() and stamp.read_text() == made_from):
        stamp.unlink(missing_ok=True)
        python = windows_python(BUILD / "python")
        with wine(BUILD / "wine") as opened:
            freeze(opened, python, frozen.parent, reproducible.environment())
        stamp.write_text(made_from)
    return frozen


def _papers(frozen: Path) -> Path:
    """Which libraries are in it, and under which licences."""
    return write_papers(
        frozen,
        frozen.parent / "work",
        BUILD / "python" / "Lib" / "site-packages",
        version=version(),
        python=assemble.PYTHON,
        into=BUILD / "papers",
    )


MADE_FROM = ("agent", "domain", "drivers", "erp", "installer/freeze", "installer/windows/python")
BESIDES = ("installer/windows/icon.py", "installer/windows/version_info.py")


def _sources() -> list[Path]:
    found = (path for folder in MADE_FROM for path in (reproducible.ROOT / folder).rglob("*") if path.is_file())
    besides = (reproducible.ROOT / file for file in BESIDES)
    return [LOCK, *besides, *sorted(path for path in found if path.suffix != ".pyc")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m installer.windows.build", description=__doc__)
    parser.add_argument("--into", type=Path, default=DIST, metavar="FOLDER", help="default: %(default)s")
    try:
        print(build(parser.parse_args().into))
    except (CannotAssemble, NoCompiler, SetupFailed, SigningFailed, WineFailed) as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

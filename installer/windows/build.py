"""`python -m installer.windows.build`: the Windows installer, built on Linux under wine. `make packages` calls it."""

import argparse
import importlib.metadata
import sys
from pathlib import Path

from installer import reproducible
from installer.windows.freezing import freeze, windows_python
from installer.windows.mingw import NoCompiler
from installer.windows.python.assemble import CannotAssemble
from installer.windows.setup.making import SetupFailed, make_setup
from installer.windows.signing import SigningFailed, certificate
from installer.windows.wine.prefix import WineFailed, wine

BUILD = reproducible.ROOT / "build" / "windows"
DIST = reproducible.ROOT / "dist"


def build(into: Path = DIST) -> Path:
    """`into/yaolink-agent-setup-VERSION.exe`; the frozen folder stays in build/windows/frozen."""
    version, signing = importlib.metadata.version("yaolink"), certificate()
    python = windows_python(BUILD / "python")
    with wine(BUILD / "wine") as opened:
        frozen = freeze(opened, python, BUILD / "frozen", reproducible.environment())
    if signing is not None:
        for program in sorted(frozen.glob("*.exe")):
            signing.sign(program)
    return make_setup(frozen, into / f"yaolink-agent-setup-{version}.exe", version, sign=signing is not None)


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

"""`python -m installer.windows.setup --frozen FOLDER`: the installer of a frozen folder; on Windows too."""

import argparse
import importlib.metadata
import sys
from pathlib import Path

from installer.windows.setup.making import ROOT, SetupFailed, make_setup
from installer.windows.signing import SigningFailed, certificate


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m installer.windows.setup", description=__doc__)
    parser.add_argument("--frozen", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: %(default)s")
    options = parser.parse_args()
    version = importlib.metadata.version("yaolink")
    out = options.into / f"yaolink-agent-setup-{version}.exe"
    try:
        print(make_setup(options.frozen, out, version, sign=certificate() is not None))
    except (SetupFailed, SigningFailed) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m installer.build`: the release build. `make packages` runs it in an environment of its own."""

import argparse
import sys
from pathlib import Path

from installer import reproducible
from installer.freeze.freezing import FreezeFailed, freeze

BUILD = reproducible.ROOT / "build"


def main() -> int:
    options = _parser().parse_args()
    try:
        return int(options.do(options))
    except FreezeFailed as error:
        print(f"build: {error}", file=sys.stderr)
        return 1


def _freeze(options: argparse.Namespace) -> int:
    print(freeze(options.into, reproducible.environment()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m installer.build", description=__doc__)
    steps = parser.add_subparsers(title="steps", required=True, metavar="STEP")
    freezing = steps.add_parser("freeze", help="make the folder with the frozen agent")
    freezing.add_argument("--into", type=Path, default=BUILD / "frozen", metavar="FOLDER", help="default: %(default)s")
    freezing.set_defaults(do=_freeze)
    return parser


if __name__ == "__main__":
    sys.exit(main())

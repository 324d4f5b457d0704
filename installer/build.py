"""`python -m installer.build`: the release build for Linux. `make packages` runs it in an environment of its own, and
`python -m installer.windows.build` beside it."""

import argparse
import importlib.metadata
import platform
import sys
import sysconfig
from pathlib import Path

from installer import checksums, reproducible
from installer.freeze.freezing import FreezeFailed, freeze
from installer.linux.package import PackagingFailed, package
from installer.papers.writing import write_papers
from installer.signing import SigningFailed, sign, variable

BUILD, DIST = reproducible.ROOT / "build", reproducible.ROOT / "dist"


def main() -> int:
    options = _parser().parse_args()
    try:
        return int(options.do(options))
    except (FreezeFailed, PackagingFailed, SigningFailed) as error:
        print(f"build: {error}", file=sys.stderr)
        return 1


def _freeze(options: argparse.Namespace) -> int:
    print(freeze(options.into, reproducible.environment()))
    return 0


def _linux(options: argparse.Namespace) -> int:
    version = importlib.metadata.version("yaolink")
    frozen = freeze(BUILD / "frozen", reproducible.environment())
    papers = write_papers(
        frozen,
        BUILD / "frozen" / "work",
        Path(sysconfig.get_path("purelib")),
        version=version,
        python=platform.python_version(),
        into=BUILD / "papers",
    )
    for made in package(frozen, papers, version=version, stage=BUILD / "linux", into=options.into):
        signed = "signed" if sign(made) else f"not signed: there is no {variable(made)}"
        print(f"{made} ({made.stat().st_size / 1e6:.1f} MB, {signed})")
    return 0


def _sums(options: argparse.Namespace) -> int:
    print(checksums.write(options.into))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m installer.build", description=__doc__)
    steps = parser.add_subparsers(title="steps", required=True, metavar="STEP")
    for name, do, into, about in (
        ("freeze", _freeze, BUILD / "frozen", "make the folder with the frozen agent"),
        ("linux", _linux, DIST, "freeze the agent and pack it as deb and rpm"),
        ("sums", _sums, DIST, "write the checksums of what was built"),
    ):
        step = steps.add_parser(name, help=about)
        step.add_argument("--into", type=Path, default=into, metavar="FOLDER", help="default: %(default)s")
        step.set_defaults(do=do)
    return parser


if __name__ == "__main__":
    sys.exit(main())

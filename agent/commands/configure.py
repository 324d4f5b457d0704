"""`configure`: settings and pairing from a file that headquarters prepared; what installers run, asking nothing."""

import argparse
from pathlib import Path

from agent.commands.base import Command
from agent.config import Settings


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="source", type=Path, required=True, metavar="FILE",
        help="an agent.toml, with a table [pairing] of hub and code if the store is to pair by itself",
    )  # fmt: skip
    parser.add_argument("--replace", action="store_true", help="replace settings that are there (they are kept if not)")
    parser.add_argument("--owner", metavar="USER", help="the service's account, if the folder is not its own (Linux)")


def _configure(_: Settings, options: argparse.Namespace) -> int:
    from agent.configuring import PAIRING, configure

    target: Path = options.config
    done = configure(options.source, target, replace=options.replace, owner=options.owner)
    print(f"{target}: {'written' if done.settings else 'kept as it is'}")
    if done.pairing:
        print(f"{target.with_name(PAIRING)}: written; the service pairs by itself")
    return 0


def _none_yet(_: Path) -> Settings:
    """The file that settings are read from is what this command makes."""
    return Settings()


COMMAND = Command(
    "configure",
    "write the settings, and pair, from a file prepared by headquarters",
    _configure,
    _options,
    read=_none_yet,
)

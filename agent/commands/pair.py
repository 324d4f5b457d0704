"""`pair`: connects the running agent with headquarters' hub."""

import argparse

from agent.commands.base import Command
from agent.config import Settings
from agent.local_client import LocalClient


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hub", required=True, metavar="URL", help="the hub's address, e.g. https://hub.example.com")
    parser.add_argument("--code", required=True, help="the one-time code from headquarters")


def _pair(settings: Settings, options: argparse.Namespace) -> int:
    from agent.pairing import Paired

    paired = LocalClient(settings).post("/api/pair", {"hub": options.hub, "code": options.code}, Paired)
    print(f"paired with {paired.hub} as {paired.store_name} ({paired.store})")
    return 0


COMMAND = Command("pair", "connect the running agent with headquarters' hub, once, by a code", _pair, _options)

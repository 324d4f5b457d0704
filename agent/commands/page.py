"""`page`: a link that opens the clerk's page; or every browser signed out."""

import argparse

from agent.commands.base import Command
from agent.config import Settings
from agent.local_client import LocalClient


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", nargs="?", default="/", metavar="PATH", help="another page, such as /doctor")
    parser.add_argument("--sign-out", action="store_true", help="sign every browser out instead")


def _page(settings: Settings, options: argparse.Namespace) -> int:
    agent = LocalClient(settings)
    if options.sign_out:
        print(f"browsers signed out: {agent.sign_out()}")
    else:
        print(agent.page_link(options.page))
    return 0


COMMAND = Command("page", "print a link that opens the clerk's page once, within a minute", _page, _options)

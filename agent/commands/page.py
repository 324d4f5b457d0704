"""`page`: the address of the clerk's page."""

import argparse

from agent.commands.base import Command
from agent.config import Settings
from agent.local_client import LocalClient


def _page(settings: Settings, _: argparse.Namespace) -> int:
    print(LocalClient(settings).page_url)
    return 0


COMMAND = Command("page", "print the address of the clerk's page, with its token", _page)

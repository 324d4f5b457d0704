"""`status`: how the running agent is, in a few lines."""

import argparse

from agent.commands.base import Command
from agent.config import Settings
from agent.local_client import LocalClient


def _status(settings: Settings, _: argparse.Namespace) -> int:
    from agent.state import StateView
    from agent.status import in_words

    print(in_words(LocalClient(settings).get("/api/state", StateView)))
    return 0


COMMAND = Command("status", "say how the running agent is: line, outbox, printers, scanners", _status)

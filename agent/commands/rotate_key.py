"""`rotate-key`: gives this computer another key, which headquarters knows instead of the old one."""

import argparse

from agent.commands.base import Command
from agent.config import Settings
from agent.local_client import LocalClient


def _rotate(settings: Settings, _: argparse.Namespace) -> int:
    from agent.pairing import KeyChanged

    changed = LocalClient(settings).post("/api/device-key", {}, KeyChanged)
    print(f"this computer has a new key ({changed.public_key[:16]}...); the old one is dead")
    return 0


COMMAND = Command("rotate-key", "give this computer a new key; the agent must run and reach its hub", _rotate)

"""`log-level`: says more, or less, in the running agent's log for a while."""

import argparse

from agent.commands.base import Command
from agent.config import LogLevel, Settings
from agent.local_client import LocalClient


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("level", choices=[str(level) for level in LogLevel], help="how much is written")
    parser.add_argument("--minutes", type=float, default=30, metavar="N", help="for how long (default: %(default)s)")


def _change(settings: Settings, options: argparse.Namespace) -> int:
    from agent.journal import LevelView

    body = {"level": options.level, "minutes": options.minutes}
    view = LocalClient(settings).post("/api/log-level", body, LevelView)
    until = f" for {view.minutes_left:.0f} minutes" if view.minutes_left is not None else ", as in agent.toml"
    print(f"the log level is {view.level}{until}")
    return 0


COMMAND = Command("log-level", "change the running agent's log level for a while", _change, _options)

"""What a command is: its name and help, its options, what it does, and its exit code when it failed."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.config import Settings, load

REFUSED, CANNOT_START = 1, 2


def _no_options(_: argparse.ArgumentParser) -> None:
    pass


def _nobody_else(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Command:
    """`do` gets the settings and the options, and returns the exit code; AgentError and DriverError are told by the
    command line, which then exits with `failed`. `tell` hears of them too: a service has no standard error."""

    name: str
    help: str
    do: Callable[[Settings, argparse.Namespace], int]
    options: Callable[[argparse.ArgumentParser], None] = _no_options
    failed: int = REFUSED
    tell: Callable[[str], None] = _nobody_else
    read: Callable[[Path], Settings] = load
    """Where the settings come from."""

    def add_to(self, commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        parser = commands.add_parser(self.name, help=self.help, description=self.help[:1].upper() + self.help[1:] + ".")
        self.options(parser)
        parser.set_defaults(do=self.do, failed=self.failed, tell=self.tell, read=self.read)

"""`service`: the agent as a Windows service. Only the service control manager starts it so."""

import argparse

from agent.commands.base import CANNOT_START, Command
from agent.commands.run import run
from agent.config import Settings
from agent.system import service_manager


def _service(settings: Settings, options: argparse.Namespace) -> int:
    service_manager.host(lambda stop_hook: run(settings, options.config, stop_hook))
    return 0


COMMAND = Command(
    "service",
    "be the Windows service (the service control manager calls this)",
    _service,
    failed=CANNOT_START,
    tell=service_manager.tell_administrator,
)

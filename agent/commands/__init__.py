"""The commands of `yaolink-agent`, one file each. What is slow to import is imported when the command runs."""

from agent.commands import (
    backup,
    bundle,
    configure,
    doctor,
    erp,
    log_level,
    page,
    pair,
    printer,
    restore,
    rotate_key,
    run,
    scanner,
    service,
    status,
)
from agent.commands.base import Command

COMMANDS: tuple[Command, ...] = (
    run.COMMAND,
    service.COMMAND,
    configure.COMMAND,
    pair.COMMAND,
    status.COMMAND,
    printer.COMMAND,
    scanner.COMMAND,
    erp.COMMAND,
    page.COMMAND,
    rotate_key.COMMAND,
    doctor.COMMAND,
    bundle.COMMAND,
    backup.COMMAND,
    restore.COMMAND,
    log_level.COMMAND,
)
"""In the order of the help text."""

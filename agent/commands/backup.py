"""`backup`: one more copy of the work file, by the running agent or, where none runs, by itself."""

import argparse
import shutil
from pathlib import Path

from agent.commands.base import Command
from agent.config import Settings
from agent.errors import AgentError
from agent.local_client import LocalClient, NotRunning, NotYours


class NotCopied(AgentError):
    """The backup was made, and is not where it was wanted."""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, metavar="FILE", help="copy it there too, such as to another disk")
    parser.epilog = "personal data in it open only with the master key of this installation (docs/data.md)"


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    made = settings.folder / _made(settings)
    print(made)
    if options.to is not None:
        _copy(made, options.to)
        print(options.to)
    return 0


def _made(settings: Settings) -> Path:
    from agent.jobs.api import Made

    try:
        return Path(LocalClient(settings).post("/api/backup", {}, Made).path)
    except NotYours:
        raise
    except NotRunning:
        from agent.files import system_clock
        from agent.sole import sole
        from agent.storage.backups import back_up

        with sole(settings.folder):
            return back_up(settings.folder, system_clock).relative_to(settings.folder)


def _copy(made: Path, to: Path) -> None:
    if to.exists():
        raise NotCopied(f"{to} exists already", hint="choose another name with --to")
    try:
        shutil.copyfile(made, to)
        to.chmod(0o600)
    except OSError as error:
        raise NotCopied(f"{to} cannot be written: {error}", hint=f"the backup itself is {made}") from error


COMMAND = Command("backup", "copy the store's data while the agent works on", _backup, _options)

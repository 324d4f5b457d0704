"""`restore`: a backup takes the place of the present data, while the agent is stopped."""

import argparse
from pathlib import Path

from agent.commands.base import REFUSED, Command
from agent.config import Settings
from agent.errors import AgentError


class NotRestorable(AgentError):
    """The file is no backup that this version can use."""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a backup, such as one of DATA/backups")
    parser.add_argument("--yes", action="store_true", help="without asking")
    parser.epilog = (
        "Stop the agent first. The present data are set aside, never deleted; what they have yet to send goes along. "
        "Afterwards the agent asks headquarters for everything anew."
    )


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    from agent.files import WORK, system_clock
    from agent.sole import sole
    from agent.storage.rebuild import finish_interrupted, restore_work
    from agent.storage.setting_aside import aside_of

    _refuse_unusable(options.file)
    if not options.yes and not _agreed(options.file):
        print("nothing was changed")
        return REFUSED
    settings.folder.mkdir(parents=True, exist_ok=True)
    path = settings.folder / WORK
    with sole(settings.folder):
        finish_interrupted(path)
        now = system_clock()
        told = restore_work(path, aside=aside_of(path, now), backup=options.file, now=now)
    print(f"restored {options.file}: {sum(told.kept.values())} rows, {told.unsent} operations to send")
    if told.aside:
        print(f"what was there is now {settings.folder / told.aside}")
    return 0


def _refuse_unusable(path: Path) -> None:
    from agent.schema import work
    from agent.storage.checking import check_whole
    from agent.storage.looking_in import applied_steps, looking_in, unknown_steps

    if not path.exists():
        raise NotRestorable(f"there is no {path}")
    if wrong := check_whole(path).wrong:
        raise NotRestorable(f"{path} is not sound: {wrong}", hint="try an older one of DATA/backups")
    with looking_in(path) as db:
        if not applied_steps(db, work.SCHEMA):
            raise NotRestorable(f"{path} is not the data of a store")
        if newer := unknown_steps(db, work.SCHEMA):
            raise NotRestorable(
                f"{path} was written by a newer version of this program ({', '.join(newer)})",
                hint="install that version first",
            )


def _agreed(path: Path) -> bool:
    try:
        return input(f"put {path} in the place of the present data? [y/N] ").strip().lower() in ("y", "yes", "是")
    except EOFError:
        return False


COMMAND = Command(
    "restore", "put a backup in the place of the present data (the agent must be stopped)", _restore, _options
)

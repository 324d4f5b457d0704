"""`yaolink-hub backup`, `restore` and `restored`."""

import argparse
import shutil
from pathlib import Path

import msgspec

from cloud import backing_up, commands, eventlog, high_water, restoring
from cloud.backing_up import BackupRefused
from cloud.config import Settings
from cloud.private_file import write_private

BROUGHT_BACK = "brought back from {} by an operator"
BY_HAND = "an operator says that the database was restored"


def add_parsers(of: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = of.add_parser("backup", help="copy the database to a file, while the hub runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = of.add_parser("restore", help="bring a backup back; every store then begins anew from a snapshot")
    restore.add_argument("file", type=Path, metavar="FILE")
    of.add_parser("restored", help="say that the database was restored by other means (PostgreSQL's own tools)")


def run(settings: Settings, options: argparse.Namespace) -> None:
    match options.command:
        case "backup":
            size = backing_up.backup(backing_up.database_file(settings), options.file)
            print(f"{options.file}: {size >> 10} KiB, one moment of the whole database")
            print(f"Keep {settings.folder / 'secrets.toml'} as well: without it no person's record opens.")
        case "restore":
            _restore(settings, options.file)
        case _:
            _begin_anew(settings, BY_HAND)
            print("every store begins anew from a snapshot when it comes; start the hub")


def _restore(settings: Settings, file: Path) -> None:
    """On a copy, so that the backup stays what it is and a newer schema is noticed before anything is changed."""
    database = backing_up.database_file(settings)
    if commands.running(settings) is not None:
        raise BackupRefused("the hub is running", hint="stop it first")
    if not file.exists():
        raise BackupRefused(f"there is no file {file}")
    backing_up.check(file)
    settings.folder.mkdir(parents=True, exist_ok=True)
    new = database.with_name(f"{database.name}.restoring")
    try:
        shutil.copyfile(file, new)
        _begin_anew(msgspec.structs.replace(settings, database=f"sqlite:///{new}"), BROUGHT_BACK.format(file.name))
        aside = backing_up.put_in_place(new, database)
    except OSError as error:
        raise BackupRefused(f"{file} was not brought back: {error}") from error
    finally:
        for path in database.parent.glob(f"{new.name}*"):
            path.unlink()
    print(f"the hub's data are those of {file}; every store begins anew from a snapshot when it comes")
    if aside is not None:
        print(f"what was there before is kept as {aside}")


def _begin_anew(settings: Settings, why: str) -> None:
    with commands.changing(settings) as tx:
        restoring.begin_anew(tx, why)
        marks = high_water.marks_of(eventlog.all_heads(tx.connection, tx.chain))
    write_private(settings.folder / high_water.MARKS, msgspec.json.encode(marks))

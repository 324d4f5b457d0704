"""`erp`: is the way to the chain's ERP set right, and its keys."""

import argparse
import getpass
from collections.abc import Callable, Iterable

from agent.commands.base import REFUSED, Command
from agent.config import Settings


def _options(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(title="tasks", required=True, metavar="TASK")

    def task(name: str, what: str, do: Callable[[Settings, argparse.Namespace], int]) -> None:
        made = tasks.add_parser(name, help=what, description=what[:1].upper() + what[1:] + ".")
        made.set_defaults(task=do)

    task("check", "say whether mapping, folder and database are right; tries the first rows, takes nothing", _check)
    task("token", "make a new token for the ERP's program and print it once", _token)
    task("password", "keep the password of the ERP's database", _password)


def _check(settings: Settings, _: argparse.Namespace) -> int:
    """Exit code 0: all is right; 1: something to mend. As the service's account: it reads the database's password."""
    from agent.erp.store_books import StoreDisk
    from agent.secrets import open_secrets
    from erp.check import check

    def password() -> str | None:
        return open_secrets(settings.secrets, settings.folder).erp_password()

    well = True
    for said in check(settings.erp, password, _known(settings), StoreDisk()):
        print(f"{'✓' if said.good else '✗'} {said.words}", flush=True)
        well = well and said.good
    return 0 if well else REFUSED


def _known(settings: Settings) -> Callable[[Iterable[str]], set[str]]:
    """By the catalogue as the agent keeps it, read beside it."""
    from agent.doctor.case import reading
    from agent.errors import StorageError
    from agent.files import CACHE

    try:
        with reading(settings.folder / CACHE) as view:
            known = {row["sku"] for row in view.db.execute("SELECT sku FROM products")}
    except StorageError:
        return set  # nobody to ask: none is called unknown
    return lambda skus: known.intersection(skus) if known else set(skus)


def _token(settings: Settings, _: argparse.Namespace) -> int:
    from agent.erp.answers import TokenAnswer
    from agent.local_client import LocalClient

    print(LocalClient(settings).post("/api/erp/token", {}, TokenAnswer).token)
    return 0


def _password(settings: Settings, _: argparse.Namespace) -> int:
    from agent.erp.answers import DoneAnswer
    from agent.local_client import LocalClient

    password = getpass.getpass("password of the ERP's database: ")
    LocalClient(settings).post("/api/erp/password", {"password": password}, DoneAnswer)
    print("kept; the connector uses it from its next try on")
    return 0


COMMAND = Command(
    "erp",
    "check the way to the chain's ERP, and its keys",
    lambda settings, options: int(options.task(settings, options)),
    _options,
)

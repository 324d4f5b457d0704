"""`yaolink-hub erp`: its programs' tokens, and whether mapping, folder and database are right."""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import select

from cloud import secrets, tables
from cloud.audit import OPERATOR
from cloud.commands import changing, opened, running
from cloud.config import Settings
from cloud.erp import tokens
from cloud.erp.hub_books import HubDisk
from cloud.erp.operator import NewToken, TokenName
from cloud.erp.tokens import BadTokenName, KnownToken
from domain.times import shown
from erp.check import check

_WHEN = "%Y-%m-%d %H:%M"


def add_parsers(of: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = of.add_parser("erp", help="the way to the chain's ERP (docs/erp.md)").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )
    verbs.add_parser("check", help="say whether mapping, folder and database are right; takes nothing")
    verbs.add_parser("password", help="keep the password of the ERP's database")
    token = verbs.add_parser("token", help="who may speak at /erp").add_subparsers(
        dest="task", required=True, metavar="TASK"
    )
    token.add_parser("list", help="print all")
    for task, about in (("make", "a new one, printed this once"), ("revoke", "it opens nothing any more")):
        token.add_parser(task, help=about).add_argument("name", metavar="NAME", help="of the program that uses it")


def run(settings: Settings, options: argparse.Namespace) -> int:
    match options.verb, getattr(options, "task", ""):
        case "check", _:
            return _check(settings)
        case "password", _:
            _password(settings)
        case _, "list":
            _list(settings)
        case _, "make":
            _make(settings, options.name)
        case _, "revoke":
            _revoke(settings, options.name)
    return 0


def _check(settings: Settings) -> int:
    """Exit code 0: all is right; 1: something to mend."""
    well = True
    password = partial(secrets.erp_password, settings.folder)
    for said in check(settings.erp, password, _known(settings), HubDisk(), of_chain=True):
        print(f"{'✓' if said.good else '✗'} {said.words}", flush=True)
        well = well and said.good
    return 0 if well else 1


def _known(settings: Settings) -> Callable[[Iterable[str]], set[str]]:
    p = tables.products.c
    with opened(settings) as database, database.read() as connection:
        known = set(connection.execute(select(p.sku).where(p.chain == settings.chain)).scalars())
    return lambda skus: known.intersection(skus) if known else set(skus)


def _password(settings: Settings) -> None:
    given = getpass.getpass("password of the ERP's database: ") if sys.stdin.isatty() else sys.stdin.readline()
    secrets.set_erp_password(settings.folder, given.strip("\r\n"))
    print("kept; the connector uses it from its next connection on")


def _list(settings: Settings) -> None:
    with opened(settings) as database, database.read() as connection:
        found = tokens.listed(connection, settings.chain)
    for one in found:
        print(f"{one.name}\tmade {shown(one.made_at, _WHEN)}\t{_standing(one)}")
    if not found:
        print("there are none")


def _standing(token: KnownToken) -> str:
    if token.revoked_at is not None:
        return f"revoked {shown(token.revoked_at, _WHEN)}"
    return "never used" if token.used_at is None else f"last used {shown(token.used_at, _WHEN)}"


def _make(settings: Settings, name: str) -> None:
    if (hub := running(settings)) is not None:
        token = hub.ask("/api/erp/tokens", TokenName(name), NewToken).token
    else:
        with changing(settings) as tx:
            token = tokens.make(tx, name, by=OPERATOR)
    print(token)


def _revoke(settings: Settings, name: str) -> None:
    if (hub := running(settings)) is not None:
        hub.post("/api/erp/tokens/revoke", TokenName(name))
    else:
        with changing(settings) as tx:
            if not tokens.revoke(tx, name, by=OPERATOR):
                raise BadTokenName(f"no token in force is called {name}", hint="yaolink-hub erp token list")
    print(f"{name} opens nothing any more")

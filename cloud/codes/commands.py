"""`yaolink-hub codes`: asked of the running hub, or else done directly, as the others are."""

import argparse
from pathlib import Path

from cloud.audit import OPERATOR
from cloud.codes import lists, loading
from cloud.codes.lists import Counted
from cloud.codes.loading import AT_ONCE, Changed, WantedCodes
from cloud.commands import changing, opened, running
from cloud.config import Settings
from domain.code_lists import LOADED, CodeList
from domain.pieces import pieces


def add_parser(of: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = of.add_parser("codes", help="lists of pack codes: sold in the chain, recalled, banned")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    loads = (("load", "put codes on a list; every store is told"), ("unload", "take codes off it again"))
    for verb, about in loads:
        changing_it = verbs.add_parser(verb, help=about)
        changing_it.add_argument("file", type=Path, metavar="FILE", help="a code a line, or CSV with a column `code`")
        changing_it.add_argument("--list", required=True, choices=[str(one) for one in LOADED])
        changing_it.add_argument("--why", default="", metavar="TEXT", help="the notice's number, for the audit")
    verbs.add_parser("count", help="print how many codes are on each list")


def run(settings: Settings, options: argparse.Namespace) -> None:
    if options.verb == "count":
        counts = _counted(settings)
        print(f"sold\t{counts.sold}\nrecalled\t{counts.recalled}\nbanned\t{counts.banned}")
        return
    of, codes, changed = CodeList(options.list), loading.read_file(options.file), 0
    for some in pieces(codes, AT_ONCE):
        wanted = WantedCodes(tuple(some), options.why)
        changed += _change(settings, options.verb, of, wanted).codes
    done = "new on" if options.verb == "load" else "taken off"
    print(f"{changed} of {len(codes)} codes are {done} the list {of}")


def _change(settings: Settings, verb: str, of: CodeList, wanted: WantedCodes) -> Changed:
    if (hub := running(settings)) is not None:
        return hub.ask(f"/api/codes/{of}{'/unload' if verb == 'unload' else ''}", wanted, Changed)
    with changing(settings) as tx:
        return (loading.unload if verb == "unload" else loading.load)(tx, of, wanted, by=OPERATOR)


def _counted(settings: Settings) -> Counted:
    if (hub := running(settings)) is not None:
        return hub.get("/api/codes", Counted)
    with opened(settings) as database, database.read() as connection:
        return lists.counted(connection, settings.chain)

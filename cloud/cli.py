"""`yaolink-hub`: the hub and the few commands that a chain's operator needs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cloud import (
    backup_commands,
    commands,
    config,
    journal,
    recall_commands,
)
from cloud.codes import commands as code_commands
from cloud.config import BadConfig, Settings
from cloud.dossier import Asked
from cloud.erp import commands as erp_commands
from cloud.errors import HubError
from cloud.listening import CannotListen
from cloud.load import BadFile
from cloud.pairing_list import DAYS, MOST_DAYS, BadList, WantedCodes, read_stores
from cloud.people import commands as people_commands
from cloud.prescriptions import commands as prescription_commands
from domain.modes import Mode

ABOUT = """\
The hub of a pharmacy chain: takes in the orders of every channel, reserves stock, and sends
each order to its store.

First use:  yaolink-hub init        writes hub.toml, makes the data folder and its secrets
            yaolink-hub load FILE   stores, products and stock
            yaolink-hub serve       runs the hub
            yaolink-hub token       the password of the page for headquarters
            yaolink-hub pair STORE  a code for a store's PC; --all for a list
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    journal.begin()
    try:
        return _run(options)
    except HubError as error:
        print(f"yaolink-hub: {error}" + (f"\n  {error.hint}" if error.hint else ""), file=sys.stderr)
        return 2 if isinstance(error, BadConfig | CannotListen) else 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="yaolink-hub", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument(
        "--config", type=Path, default=Path("hub.toml"), metavar="FILE", help="the config file (default: ./hub.toml)"
    )
    of = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(of, "serve", "run the hub until it is told to stop")
    _add(of, "init", "write a commented hub.toml if there is none, and make the data folder, secrets and database")
    _add(of, "load", "put stores, products and stock from a JSON file").add_argument(
        "file", type=Path, metavar="FILE", help="the format is in docs/operate.md"
    )
    _pairing(_add(of, "pair", "make one-time codes that pair stores' PCs: print one, or write a list of many"))
    mode = _add(of, "mode", "put stores on trial (shadow: no channel is told anything), or back to live")
    whose = mode.add_mutually_exclusive_group(required=True)
    whose.add_argument("--all", action="store_true", help="every store of the chain")
    whose.add_argument("store", nargs="?", metavar="STORE", help="the store's id")
    mode.add_argument("mode", choices=[str(one) for one in Mode], help="live or shadow")
    slips = _add(of, "slips", "set how the chain's slips look, for every store")
    slips.add_argument("file", nargs="?", type=Path, metavar="FILE", help="JSON, as a store's slip page copies it")
    slips.add_argument("--logo", type=Path, metavar="LOGO.png", help="the logo of FILE's slips, at most 64 kB")
    slips.add_argument("--clear", action="store_true", help="leave it to each store again")
    people_commands.add_parsers(of)
    recall_commands.add_parser(of)
    code_commands.add_parser(of)
    erp_commands.add_parsers(of)
    prescription_commands.add_parser(of)
    revoking = _add(of, "revoke", "stop a store's agent at once, until it is paired again")
    revoking.add_argument("store", metavar="STORE", help="the store's id")
    revoking.add_argument("--why", default="revoked by headquarters", metavar="TEXT", help="what the clerk will read")
    thawing = _add(of, "unfreeze", "let a store's agent speak again, once the computer cloned from it is off for good")
    thawing.add_argument("store", metavar="STORE", help="the store's id")
    secret = _add(of, "secret", "set the secret of a channel").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )
    _add(secret, "set", "read a secret from the terminal or from standard input").add_argument(
        "name", metavar="NAME", help="the channel: meituan or own"
    )
    _add(of, "erase", "destroy what is known of the buyer of an order, for good").add_argument(
        "order", metavar="ORDER", help="the hub's id of the order"
    )
    auditing = _add(of, "audit", "look after the audit").add_subparsers(dest="verb", required=True, metavar="VERB")
    _add(auditing, "verify", "check every entry, every signed checkpoint, and the stock against its ledger")
    _add(auditing, "key", "print the fingerprint of the key that seals audit files, for others to compare")
    taking = _add(auditing, "order", "write the audit file of one order")
    taking.add_argument("order", metavar="ORDER", help="the hub's id of the order")
    taking.add_argument("--json", type=Path, metavar="FILE.json")
    taking.add_argument("--pdf", type=Path, metavar="FILE.pdf")
    taking.add_argument("--reason", required=True, metavar="TEXT", help="why it is taken; it stands in the audit")
    taking.add_argument("--with-persons", action="store_true", help="for a reader who may see customer and patient")
    backup_commands.add_parsers(of)
    _add(of, "token", "print the token that opens the page and the operator's API")
    return top


def _pairing(parser: argparse.ArgumentParser) -> None:
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("store", nargs="?", metavar="STORE", help="the store's id: prints a code, good for a day")
    whose.add_argument("--all", action="store_true", help="a list of codes for every store")
    whose.add_argument("--stores", metavar="FILE|S001,S002", help="a list of codes for these stores")
    parser.add_argument("--out", type=Path, metavar="LIST.csv", help="where the list goes; Excel opens it")
    parser.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help=f"how long the list's codes live (default {DAYS})"
    )
    parser.add_argument("--again", action="store_true", help="also for stores that have an agent; pairing replaces it")
    parser.add_argument("--configs", type=Path, metavar="FOLDER", help="write STORE.toml for each store there")
    parser.add_argument("--template", type=Path, metavar="FILE", help="the agent.toml that those are made of")


def _pair(settings: Settings, options: argparse.Namespace) -> None:
    if options.store is not None:
        commands.pair(settings, options.store)
        return
    if options.out is None:
        raise BadList("a list needs --out LIST.csv", hint="its codes are secrets: they go to a file of your own")
    if (options.configs is None) is not (options.template is None):
        raise BadList("--configs and --template belong together")
    if not 1 <= options.days <= MOST_DAYS:
        raise BadList(f"--days: {options.days} is not between 1 and {MOST_DAYS}")
    stores = None if options.all else read_stores(options.stores)
    wanted = WantedCodes(stores, options.days, options.again)
    commands.pair_many(settings, wanted, options.out, options.configs, options.template)


def _audit(settings: Settings, options: argparse.Namespace) -> int:
    match options.verb:
        case "key":
            commands.audit_key(settings)
        case "order":
            if options.json is None and options.pdf is None:
                raise BadFile("--json or --pdf says where the file goes")
            asked = Asked(options.reason, options.with_persons)
            commands.take_dossier(settings, options.order, asked, options.json, options.pdf)
        case _:
            return commands.verify_audit(settings)
    return 0


def _add(to: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str) -> argparse.ArgumentParser:
    return to.add_parser(name, help=about, description=about[:1].upper() + about[1:] + ".")


def _run(options: argparse.Namespace) -> int:
    if options.command == "init":
        commands.init(options.config)
        return 0
    settings = config.load(options.config)
    match options.command:
        case "serve":
            commands.serve(settings)
        case "load":
            commands.load_chain(settings, options.file)
        case "pair":
            _pair(settings, options)
        case "mode":
            commands.mode(settings, None if options.all else (options.store,), Mode(options.mode))
        case "slips":
            commands.slips(settings, options.file, options.logo, clear=options.clear)
        case "revoke":
            commands.revoke(settings, options.store, options.why)
        case "unfreeze":
            commands.unfreeze(settings, options.store)
        case "secret":
            commands.set_secret(settings, options.name)
        case "erase":
            commands.erase(settings, options.order)
        case "audit":
            return _audit(settings, options)
        case "staff" | "roster" | "policy":
            people_commands.run(settings, options)
        case "recall":
            recall_commands.run(settings, options)
        case "codes":
            code_commands.run(settings, options)
        case "erp":
            return erp_commands.run(settings, options)
        case "prescriptions":
            prescription_commands.run(settings, options)
        case "backup" | "restore" | "restored":
            backup_commands.run(settings, options)
        case "token":
            commands.token(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`yaolink-hub`: the hub and the few commands that a chain's operator needs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cloud import commands, config, journal
from cloud.config import BadConfig
from cloud.errors import HubError
from cloud.listening import CannotListen

ABOUT = """\
The hub of a pharmacy chain: takes in the orders of every channel, reserves stock, and sends
each order to its store.

First use:  yaolink-hub init        writes hub.toml, makes the data folder and its secrets
            yaolink-hub load FILE   stores, products and stock
            yaolink-hub serve       runs the hub
            yaolink-hub token       the password of the page for headquarters
            yaolink-hub pair STORE  a code for a store's PC
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
    _add(of, "pair", "print a one-time code that pairs a store's PC").add_argument(
        "store", metavar="STORE", help="the store's id, as in the loaded file"
    )
    revoking = _add(of, "revoke", "stop a store's agent at once, until it is paired again")
    revoking.add_argument("store", metavar="STORE", help="the store's id")
    revoking.add_argument("--why", default="revoked by headquarters", metavar="TEXT", help="what the clerk will read")
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
    _add(of, "token", "print the token that opens the page and the operator's API")
    return top


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
            commands.pair(settings, options.store)
        case "revoke":
            commands.revoke(settings, options.store, options.why)
        case "secret":
            commands.set_secret(settings, options.name)
        case "erase":
            commands.erase(settings, options.order)
        case "audit":
            return commands.verify_audit(settings)
        case "token":
            commands.token(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())

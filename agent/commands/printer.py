"""`printer`: the store's printers: list, find, add, test, remove, probe. Asks the running agent; what can be done
without one is done without."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from agent.commands.base import REFUSED, Command
from agent.config import PrinterSettings, Settings
from agent.errors import AgentError
from agent.local_client import LocalClient, NotRunning, NotYours

if TYPE_CHECKING:
    from agent.printing.listing import PrinterNow
    from agent.printing.trying import Heard

_EXIT_CODES = (
    "exit code: 0 done (test: the printer confirmed the slip), 1 refused, 2 wrong words, 3 test: sent, but this "
    "printer cannot confirm, 4 test: not printed, 5 test: unknown whether it came out, 130 Ctrl-C"
)
_KINDS = "picking, customer, refund, stop, prescription, shift, test"


class NoSuchPrinter(AgentError):
    """agent.toml has none of this name."""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXIT_CODES
    tasks = parser.add_subparsers(title="tasks", required=True, metavar="TASK")

    def task(name: str, what: str, do: Callable[[Settings, argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = tasks.add_parser(name, help=what, description=what[:1].upper() + what[1:] + ".", epilog=_EXIT_CODES)
        made.set_defaults(task=do)
        return made

    task("list", "the printers of agent.toml, and how they are while the agent runs", _list)
    find = task("find", "look for printers on this computer and among those that announce themselves", _find)
    find.add_argument("--network", action="store_true", help="go through the store's network too, address by address")
    find.add_argument(
        "--in", dest="networks", action="append", default=[], metavar="NETWORK", help="e.g. 192.168.2.0/24"
    )
    find.add_argument("--port", type=int, default=9100, help="where printers listen (default: %(default)s)")
    _options_of_add(task("add", "write a printer into agent.toml and use it at once", _add))
    test = task("test", "print a test slip and wait for the printer's word", _test)
    test.add_argument("name")
    test.add_argument("--wait", type=float, default=30, metavar="SECONDS", help="how long (default: %(default)g)")
    task("remove", "take a printer out of agent.toml", _remove).add_argument("name")
    probe = task("probe", "say what a printer can prove; prints nothing", _probe)
    probe.add_argument("printer", metavar="NAME|ADDRESS")


def _options_of_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("address", help="e.g. tcp://192.168.1.50:9100, as `printer find` says it")
    parser.add_argument(
        "--paper", type=int, choices=(58, 80), default=80, help="the roll's width (default: %(default)s)"
    )
    parser.add_argument("--columns", type=int, choices=(32, 42, 48), help="Latin letters in a line, if not as usual")
    parser.add_argument(
        "--use", choices=("shared", "ours"), default="shared", help="do other programs print there too?"
    )
    parser.add_argument("--prints", nargs="+", default=[], metavar="KIND", help=f"of {_KINDS} (default: all)")
    parser.add_argument("--backup", metavar="NAME", help="the printer that takes over what this one cannot print")
    parser.add_argument("--anyway", action="store_true", help="though nobody answers there now")


def _list(settings: Settings, _: argparse.Namespace) -> int:
    from agent.printing.listing import PrintersNow
    from agent.printing.spoken import as_in_settings, listed

    try:
        printers = LocalClient(settings).get("/api/printers", PrintersNow).printers
    except NotRunning as error:
        print(as_in_settings(settings.printers) if settings.printers else _NONE)
        print(f"as agent.toml has them; {error}")
        return 0
    print(listed(printers) if printers else _NONE)
    return 0


_NONE = "no printer yet: `yaolink-agent printer find`, then `yaolink-agent printer add NAME ADDRESS`"


def _find(settings: Settings, options: argparse.Namespace) -> int:
    from agent.printing.nearby import FindWish, FoundNow, look, told
    from agent.printing.spoken import found

    wish = FindWish(options.network or bool(options.networks), tuple(options.networks), options.port)
    try:
        now = LocalClient(settings).post("/api/printers/find", wish, FoundNow)
    except NotRunning:
        now = told(look(wish, settings), settings, {})
    print(found(now))
    return 0


def _add(settings: Settings, options: argparse.Namespace) -> int:
    from agent.printing.spoken import heard
    from agent.printing.trying import Heard

    printer = _wished(options)
    try:
        body = {**_plain(printer), "anyway": options.anyway}
        said = LocalClient(settings).post("/api/printers", body, Heard)
        when = "and is used from now on"
    except NotYours:
        raise
    except NotRunning:
        said = _added_here(settings, options.config, printer, options.anyway)
        when = "and is used once the agent runs"
    print(heard(said))
    print(f"{printer.name} is in {options.config} {when}")
    return 0


def _wished(options: argparse.Namespace) -> PrinterSettings:
    from agent import config

    keys = ("name", "address", "paper", "columns", "use", "prints", "backup")
    values = {key: getattr(options, key) for key in keys}
    return config.printer({key: value for key, value in values.items() if value is not None})


def _plain(printer: PrinterSettings) -> dict[str, object]:
    from agent import printer_settings

    return dict(printer_settings.plain(printer))


def _added_here(settings: Settings, path: Path, printer: PrinterSettings, anyway: bool) -> "Heard":
    from agent import config, printer_settings
    from agent.printing.changing import NotReached
    from agent.printing.trying import hear
    from agent.settings_file import SettingsFile

    config.refuse_absurd_printers((*settings.printers, printer))
    said = hear(printer.address)
    if not said.reachable and not anyway:
        raise NotReached(f"{printer.address} cannot be reached: {said.message}", hint=f"{said.hint} Or: --anyway")
    SettingsFile(path).rewrite(lambda text: printer_settings.added(text, printer))
    return said


def _remove(settings: Settings, options: argparse.Namespace) -> int:
    from agent import printer_settings
    from agent.printing.listing import PrintersNow
    from agent.settings_file import SettingsFile

    try:
        LocalClient(settings).post(_path(options.name, "remove"), {}, PrintersNow)
    except NotYours:
        raise
    except NotRunning:
        _named(settings, options.name)
        SettingsFile(options.config).rewrite(lambda text: printer_settings.removed(text, options.name))
    print(f"{options.name} is no longer in {options.config}")
    return 0


def _probe(settings: Settings, options: argparse.Namespace) -> int:
    """The running agent asks, because a printer takes one caller at a time."""
    from agent.printing.spoken import heard

    said = _heard_at(settings, options.printer) if "://" in options.printer else _heard_of(settings, options.printer)
    print(heard(said))
    return 0 if said.reachable else REFUSED


def _heard_at(settings: Settings, address: str) -> "Heard":
    from agent.printing.trying import Heard, hear
    from drivers.printers.same_place import same_place

    ours = next((printer for printer in settings.printers if same_place(printer.address, address)), None)
    if ours is not None:
        return _heard_of(settings, ours.name)
    try:
        return LocalClient(settings).post("/api/printers/try", {"address": address}, Heard)
    except NotRunning:
        return hear(address)


def _heard_of(settings: Settings, name: str) -> "Heard":
    from agent.printing.trying import Heard, hear
    from drivers.printers.capability import Capabilities

    agent = LocalClient(settings)
    try:
        told = agent.post(_path(name, "probe"), {}, Capabilities)
    except NotRunning:
        return hear(_named(settings, name).address)
    now = _now(agent, name)
    return Heard(now.address, True, now.state, now.cause, now.paper_near_end, told, now.identity)


def _test(settings: Settings, options: argparse.Namespace) -> int:
    """The slip stays wanted for two minutes, whoever waits for it."""
    from agent.commands.printer_slip import followed
    from agent.printing.api import Wanted

    agent = LocalClient(settings)
    slip_id = agent.post(_path(options.name, "test"), {}, Wanted).slip_id
    try:
        return followed(agent, slip_id, time.monotonic() + options.wait)
    except KeyboardInterrupt:
        print("no longer waited for; it may still be printed within two minutes")
        raise


def _now(agent: LocalClient, name: str) -> "PrinterNow":
    from agent.printing.listing import PrintersNow

    return next(now for now in agent.get("/api/printers", PrintersNow).printers if now.settings.name == name)


def _named(settings: Settings, name: str) -> PrinterSettings:
    for printer in settings.printers:
        if printer.name == name:
            return printer
    known = ", ".join(printer.name for printer in settings.printers) or "none"
    raise NoSuchPrinter(f"there is no printer {name}", hint=f"in agent.toml: {known}; or give an address")


def _path(name: str, what: str) -> str:
    return f"/api/printers/{quote(name, safe='')}/{what}"


COMMAND = Command(
    "printer",
    "list, find, add, test, remove and probe printers",
    lambda settings, options: int(options.task(settings, options)),
    _options,
)

"""`scanner`: what hangs on this computer, how our scanners are, and what one reads."""

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.commands.base import REFUSED, Command
from agent.config import Settings
from agent.local_client import LocalClient, NotRunning

if TYPE_CHECKING:
    from agent.scanners.listing import ScannerNow, ScannersNow

_LOOK_S = 0.3


def _options(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(title="tasks", required=True, metavar="TASK")

    def task(name: str, what: str, do: Callable[[Settings, argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = tasks.add_parser(name, help=what, description=what[:1].upper() + what[1:] + ".")
        made.set_defaults(task=do)
        return made

    task("list", "the scanners of agent.toml, and what hangs on this computer besides", _list)
    test = task("test", "wait for the set-up sheet's three codes and say how well they were read", _test)
    test.add_argument("station", help="as `scanner list` names it")
    test.add_argument("--wait", type=float, default=60, metavar="SECONDS", help="how long (default: %(default)g)")


def _list(settings: Settings, _: argparse.Namespace) -> int:
    from agent.scanners.spoken import attached, listed

    try:
        print(listed(_scanners(settings)))
    except NotRunning as error:
        print(attached(settings))
        print(f"as this computer lists them; {error}")
    return 0


def _test(settings: Settings, options: argparse.Namespace) -> int:
    """Exit code 0: good; 1: anything else."""
    from agent.scanners.spoken import graded
    from domain.scanner_sheet import Level

    agent = LocalClient(settings)
    _named(_scanners(settings), options.station)
    agent.post("/api/scanners/forget", {"station": options.station}, dict[str, object])
    print("read the three codes of the sheet (the scanners page shows and prints it)", flush=True)
    until = time.monotonic() + options.wait
    while (now := _named(_scanners(settings), options.station)).grade.level is None and time.monotonic() < until:
        time.sleep(_LOOK_S)
    print(graded(now.grade))
    return 0 if now.grade.level is Level.GOOD else REFUSED


def _scanners(settings: Settings) -> "ScannersNow":
    from agent.scanners.listing import ScannersNow

    return LocalClient(settings).get("/api/scanners", ScannersNow)


def _named(now: "ScannersNow", station: str) -> "ScannerNow":
    from agent.errors import NotFound

    for scanner in now.scanners:
        if scanner.station == station:
            return scanner
    raise NotFound(f"there is no scanner {station}", hint="`yaolink-agent scanner list` names them")


COMMAND = Command(
    "scanner",
    "list and test scanners",
    lambda settings, options: int(options.task(settings, options)),
    _options,
)

"""`yaolink-tray`, or `python -m agent.tray`: the icon in the session of whoever sits at this computer."""

import argparse
import logging
import os
import sys
from functools import partial
from pathlib import Path

from agent.tray import system
from agent.tray.app import NoTray, Tray
from agent.tray.connection import Connection
from agent.tray.hand import handed

log = logging.getLogger("agent.tray")

NO_TRAY = 1
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[system.journal.handler()],
    )
    claim = system.sole.claim()
    if claim is None:
        log.info("another tray runs in this session already")
        return 0
    if "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
        log.info("GNOME shows the icon only with its AppIndicator extension; the page in the browser is the same")
    try:
        tray = Tray(Connection(partial(handed, options.hand, options.url)), system.player.find())
    except NoTray as error:
        log.error("no icon can be shown here: %s; the page in the browser is the same", error)
        return NO_TRAY
    tray.run()
    log.info("quit")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yaolink-tray", description="Shows how the agent is, and opens its page.")
    parser.add_argument(
        "--hand",
        type=Path,
        default=system.handed.default_place(),
        metavar="PLACE",
        help="where the service hands over its token, or an agent's data folder (default: %(default)s)",
    )
    parser.add_argument(
        "--url", default="http://127.0.0.1:8640/", help="of the agent whose data folder that is (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

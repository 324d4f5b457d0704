"""`yaolink-tray`, or `python -m agent.tray`: the icon in the session of whoever sits at this computer."""

import argparse
import logging
import os
import sys
import webbrowser
from functools import partial
from pathlib import Path

from agent.tray import system
from agent.tray.app import NoTray, Tray
from agent.tray.connection import Connection, SaidNo
from agent.tray.hand import NoService, handed
from agent.tray.menu import BOARD

log = logging.getLogger("agent.tray")

NO_TRAY, NO_PAGE = 1, 2
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format=_FORMAT, handlers=[system.journal.handler()])
    connection = Connection(partial(handed, options.hand, options.url))
    claim = system.sole.claim()
    if claim is None:
        return _open_page(connection)
    if "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
        log.info("GNOME shows the icon only with its AppIndicator extension; the page in the browser is the same")
    try:
        tray = Tray(connection, system.player.find())
    except NoTray as error:
        log.error("no icon can be shown here: %s; the page in the browser is the same", error)
        return NO_TRAY
    tray.run()
    log.info("quit")
    return 0


def _open_page(connection: Connection) -> int:
    """Whoever starts the tray a second time, from the menu of programs, wants to see something."""
    log.info("another tray runs in this session already: opening the page")
    try:
        webbrowser.open(connection.page_link(BOARD))
    except (NoService, SaidNo) as error:
        log.error("the page cannot be opened: %s", error)
        return NO_PAGE
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

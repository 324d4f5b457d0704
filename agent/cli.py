"""`yaolink-agent`: run the store's agent, pair it, ask how it is."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.config import Settings, load
from agent.errors import AgentError
from drivers.errors import DriverError

CANNOT_START = 2
REFUSED = 1

_DEFAULT_CONFIG = Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData"), "Yaolink", "agent.toml")
DEFAULT_CONFIG = _DEFAULT_CONFIG if os.name == "nt" else Path("/etc/yaolink/agent.toml")

_ABOUT = """\
The agent of one pharmacy store. It takes the store's orders from headquarters' hub, prints picking slips, reads
scanners, and serves a page for the clerk at http://127.0.0.1:PORT/. It works on while the hub is out of reach."""

_FIRST_STEPS = """\
first steps:
  1. copy agent.toml (it ships with the program, with comments) to {config} and set the printer
  2. yaolink-agent run                     normally started by the system as a service
  3. yaolink-agent pair --hub https://hub.example.com --code XXXX-XXXX-XXXX-XXXX
                                           headquarters gives the code: yaolink-hub pair STORE
  4. yaolink-agent page                    prints the address of the clerk's page; open it in a browser
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(load(options.config), options))
    except (AgentError, DriverError) as error:
        print(f"yaolink-agent: {error}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return CANNOT_START if options.do is _run else REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yaolink-agent",
        description=_ABOUT,
        epilog=_FIRST_STEPS.format(config=DEFAULT_CONFIG),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, default=DEFAULT_CONFIG, metavar="FILE", help="settings (default: %(default)s)"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the agent until it is told to stop (Ctrl-C, SIGTERM)")
    run.set_defaults(do=_run)
    pair = commands.add_parser("pair", help="connect the running agent with headquarters' hub, once, by a code")
    pair.add_argument("--hub", required=True, metavar="URL", help="the hub's address, e.g. https://hub.example.com")
    pair.add_argument("--code", required=True, help="the one-time code from headquarters")
    pair.set_defaults(do=_pair)
    status = commands.add_parser("status", help="say how the running agent is: line, outbox, printers, scanners")
    status.set_defaults(do=_status)
    page = commands.add_parser("page", help="print the address of the clerk's page, with its token")
    page.set_defaults(do=_page)
    return parser


def _run(settings: Settings, _: argparse.Namespace) -> int:
    from agent.service import serve  # costs half a second that the other commands need not spend

    _log_to_stderr(settings)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for told in (signal.SIGINT, signal.SIGTERM):
            if os.name == "nt":
                signal.signal(told, lambda *_: loop.call_soon_threadsafe(stop.set))
            else:
                loop.add_signal_handler(told, stop.set)
        await serve(settings, stop)

    asyncio.run(until_told())
    return 0


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    for chatty in ("httpx", "httpcore", "apscheduler", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _pair(settings: Settings, options: argparse.Namespace) -> int:
    from agent.local_client import LocalClient
    from agent.pairing import Paired

    paired = LocalClient(settings).post("/api/pair", {"hub": options.hub, "code": options.code}, Paired)
    print(f"paired with {paired.hub} as {paired.store_name} ({paired.store})")
    return 0


def _status(settings: Settings, _: argparse.Namespace) -> int:
    from agent.local_client import LocalClient
    from agent.state import StateView
    from agent.status import in_words

    print(in_words(LocalClient(settings).get("/api/state", StateView)))
    return 0


def _page(settings: Settings, _: argparse.Namespace) -> int:
    from agent.local_client import LocalClient

    print(LocalClient(settings).page_url)
    return 0


if __name__ == "__main__":
    sys.exit(main())

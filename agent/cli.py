"""`yaolink-agent`: run the store's agent, pair it, ask how it is. Each command is a file of `agent/commands/`."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.commands import COMMANDS
from agent.errors import AgentError
from agent.system import places
from agent.version import VERSION
from drivers.errors import DriverError

INTERRUPTED = 130
"""As shells say it of Ctrl-C."""

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
    _print_whatever_can_be_printed()
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options.read(options.config), options))
    except (AgentError, DriverError) as error:
        words = f"yaolink-agent: {error}" + (f"\n  {error.hint}" if error.hint else "")
        print(words, file=sys.stderr)
        options.tell(words)
        return int(options.failed)
    except KeyboardInterrupt:
        return INTERRUPTED


def _print_whatever_can_be_printed() -> None:
    """A pipe on Windows takes the system's code page, which may lack Chinese, or ✓: better a "?" than no answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    default = places.default_config()
    parser = argparse.ArgumentParser(
        prog="yaolink-agent",
        description=_ABOUT,
        epilog=_FIRST_STEPS.format(config=default),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--config", type=Path, default=default, metavar="FILE", help="settings (default: %(default)s)")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())

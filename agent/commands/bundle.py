"""`bundle`: what support needs to see, without persons and secrets, shown before it is saved."""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from agent.commands.base import REFUSED, Command
from agent.config import Settings
from agent.errors import AgentError
from agent.local_client import LocalClient, NotRunning, SaidNo
from agent.version import VERSION

if TYPE_CHECKING:
    from agent.bundle import Bundle


class NotSaved(AgentError):
    """The bundle was not written."""


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to save it (default: here, named by the store)")
    parser.add_argument("--show", metavar="NAME", help="print one of its members instead of saving it")
    parser.add_argument("--yes", action="store_true", help="save it without asking")


def _bundle(settings: Settings, options: argparse.Namespace) -> int:
    bundle = _made(settings, options.config)
    if options.show is not None:
        print(_member(bundle, options.show))
        return 0
    for member in bundle.members:
        print(f"{len(member.text.encode()):>10}  {member.name}")
    out = options.out or Path(bundle.file)
    if not options.yes and not _agreed(out):
        print("not saved; --show NAME prints a member")
        return REFUSED
    _save(bundle, out)
    print(f"saved {out}")
    return 0


def _made(settings: Settings, config: Path) -> "Bundle":
    from agent.bundle import collect
    from agent.bundle_api import BundleView

    try:
        return LocalClient(settings).post("/api/bundle", {}, BundleView).bundle
    except (NotRunning, SaidNo) as error:
        from agent.doctor.case import standing_alone
        from agent.doctor.examination import examine

        case = standing_alone(settings, config, VERSION, unanswered=error)
        return collect(case, asyncio.run(examine(case)), None)


def _member(bundle: "Bundle", name: str) -> str:
    text = next((member.text for member in bundle.members if member.name == name), None)
    if text is None:
        raise NotSaved(f"the bundle has no {name}", hint=", ".join(member.name for member in bundle.members))
    return text


def _agreed(out: Path) -> bool:
    try:
        return input(f"save it as {out}? [y/N] ").strip().lower() in ("y", "yes", "是")
    except EOFError:
        return False


def _save(bundle: "Bundle", out: Path) -> None:
    from agent.bundle import zipped
    from agent.private_file import write_private

    if out.exists():
        raise NotSaved(f"{out} exists already", hint="choose another name with --out")
    try:
        write_private(out, zipped(bundle))
    except OSError as error:
        raise NotSaved(f"{out} cannot be written: {error}") from error


COMMAND = Command("bundle", "collect what support needs, without persons and secrets", _bundle, _options)

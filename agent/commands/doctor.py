"""`doctor`: what is wrong here and what to do. Asks the running agent; where none answers it looks by itself."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.commands.base import Command
from agent.config import BadConfig, Settings, load
from agent.local_client import LocalClient, NotRunning, SaidNo
from agent.version import VERSION

if TYPE_CHECKING:
    from agent.doctor_api import Examination

NOTHING_KNOWN = 2


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document instead of sentences")
    parser.epilog = "exit code: 0 all is well, 1 something to look at, 2 something does not work"


def _doctor(_: Settings, options: argparse.Namespace) -> int:
    import msgspec

    from agent.doctor.findings import EXIT_CODES
    from agent.doctor.report import in_words

    settings, examined = examination(options.config)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(examined), indent=2).decode())
    else:
        print(in_words(examined.findings, settings.language))
    sys.stdout.flush()
    return EXIT_CODES[examined.level]


def examination(config: Path) -> "tuple[Settings, Examination]":
    """Also of an installation whose settings cannot be read: that is then what is wrong."""
    from agent.doctor.findings import found, worst
    from agent.doctor_api import Examination

    try:
        settings = load(config)
    except BadConfig as error:
        finding = found("settings.bad", why=str(error), hint=error.hint)
        return Settings(), Examination(finding.level, (finding,))
    try:
        return settings, LocalClient(settings).post("/api/doctor", {}, Examination)
    except (NotRunning, SaidNo) as error:
        from agent.doctor.case import standing_alone
        from agent.doctor.examination import examine

        case = standing_alone(settings, config, VERSION, unanswered=error)
        findings = tuple(asyncio.run(examine(case)))
        return settings, Examination(worst(findings), findings)


def _unread(_: Path) -> Settings:
    """A broken file is for the doctor to say."""
    return Settings()


COMMAND = Command(
    "doctor", "look for what is wrong here, and say what to do", _doctor, _options, failed=NOTHING_KNOWN, read=_unread
)

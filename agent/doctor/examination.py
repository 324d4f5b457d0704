"""All checks side by side, each in a thread and with a limit: one that hangs holds up nobody."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from agent.doctor import aside
from agent.doctor.case import Case
from agent.doctor.checks.computer import antivirus, firewall, power, sqlite, time_zone
from agent.doctor.checks.credential import credential
from agent.doctor.checks.database import database
from agent.doctor.checks.disk import disk
from agent.doctor.checks.erp import erp
from agent.doctor.checks.port import port
from agent.doctor.checks.printers import printers
from agent.doctor.checks.scanners import scanners
from agent.doctor.checks.service import service
from agent.doctor.checks.settings_file import settings_file
from agent.doctor.checks.sound import sound
from agent.doctor.checks.way_to_hub import way_to_hub
from agent.doctor.checks.work import work
from agent.doctor.findings import Finding, found

log = logging.getLogger(__name__)

Check = Callable[[Case], list[Finding]]

LIMIT_SECONDS = 25.0
"""For each check; what they ask of the network and the system gives up sooner."""
CHECKS: tuple[Check, ...] = (
    *(service, settings_file, port, way_to_hub, credential, work, erp),
    *(printers, scanners, sound, database, disk, sqlite),
    *(firewall, antivirus, time_zone, power),
)
"""In the order in which people read them."""


async def examine(
    case: Case, checks: Sequence[Check] = CHECKS, *, limit_seconds: float = LIMIT_SECONDS
) -> list[Finding]:
    found_by = await asyncio.gather(*(_limited(check, case, limit_seconds) for check in checks))
    return [finding for findings in found_by for finding in findings]


async def _limited(check: Check, case: Case, seconds: float) -> list[Finding]:
    running = aside.begin(partial(check, case), f"doctor: {check.__name__}")
    try:
        return await asyncio.wait_for(asyncio.wrap_future(running), seconds)
    except TimeoutError:
        return [found("doctor.slow", name=check.__name__, seconds=f"{seconds:g}")]
    except Exception as error:  # whatever a check meets on this computer: the others are told all the same
        log.exception("the check %s failed", check.__name__)
        return [found("doctor.failed", name=check.__name__, detail=f"{type(error).__name__}: {error}")]

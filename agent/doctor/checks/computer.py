"""What of this computer may get in the way: SQLite, firewall, antivirus, time zone, sleep."""

import time
from datetime import datetime

from agent.doctor.case import Case
from agent.doctor.findings import Finding, found
from agent.engine import sqlite3
from agent.files import MOST_CONNECTIONS
from agent.system import surroundings
from domain.times import CHINA


def sqlite(case: Case) -> list[Finding]:
    if not case.safe_with_readers:
        return [found("sqlite.unsafe", version=case.sqlite_version)]
    return [found("sqlite.ok", version=case.sqlite_version, engine=sqlite3.__name__, connections=MOST_CONNECTIONS)]


def firewall(_: Case) -> list[Finding]:
    state = surroundings.firewall_state()
    if not state.known:
        return [found("firewall.unknown")]
    return [found("firewall.strict", rule=state.strict) if state.strict else found("firewall.ok")]


def antivirus(case: Case) -> list[Finding]:
    names = surroundings.antivirus()
    if not names:
        return [found("antivirus.none")]
    return [found("antivirus.some", names=", ".join(names), folder=case.settings.folder)]


def time_zone(_: Case) -> list[Finding]:
    offset = datetime.now().astimezone().utcoffset()
    if offset == CHINA.utcoffset(None):
        return [found("time_zone.ok")]
    return [found("time_zone.other", offset=time.strftime("%z"))]


def power(_: Case) -> list[Finding]:
    minutes = surroundings.sleeps_after_minutes()
    return [found("power.ok") if minutes is None else found("power.sleeps", minutes=minutes)]

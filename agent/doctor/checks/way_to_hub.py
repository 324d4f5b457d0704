"""Is the hub reachable, and if not, which step fails? With what its answer tells: the time, and its version."""

from datetime import UTC, datetime

from agent.config import BadConfig
from agent.configuring import PAIRING, read_pairing
from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.doctor.way import Answer, Way
from domain.thresholds import CLOCK_OFF
from domain.times import SECOND


def way_to_hub(case: Case) -> list[Finding]:
    if not isinstance(case.records, Records):
        return [found("hub.unknown")]
    if case.hub_url:
        return _walked(case, case.hub_url)
    trying = case.running is not None and case.running.enrolling
    unpaired = found("hub.enrolling", why=trying) if trying else found("hub.unpaired")
    prepared = _prepared_hub(case)
    return [unpaired, *_walked(case, prepared)] if prepared else [unpaired]


def _walked(case: Case, hub: str) -> list[Finding]:
    way = Way(hub, proxy=case.settings.proxy, ca_file=case.settings.ca_file)
    way.walk()
    if way.answer is None or not way.answer.is_hub:
        return way.findings
    return [*way.findings, *_clock(case, way.answer), _version(case, way.answer)]


def _prepared_hub(case: Case) -> str:
    """Where a store that pairs by a prepared file shall pair; empty where there is none that can be read."""
    try:
        prepared = read_pairing(case.config.with_name(PAIRING)) if case.config is not None else None
    except BadConfig:
        return ""  # the agent itself says what is wrong with the file (`hub.enrolling`)
    return prepared.hub if prepared is not None else ""


def _clock(case: Case, answer: Answer) -> list[Finding]:
    """The hub's whole seconds against ours: good enough for an offset that matters."""
    if answer.date is None:
        return []
    ours = datetime.fromtimestamp(case.clock() / SECOND, UTC)
    seconds = abs(round((ours - answer.date).total_seconds()))
    word = "clock.off" if seconds * SECOND > CLOCK_OFF else "clock.ok"
    return [found(word, seconds=seconds)]


def _version(case: Case, answer: Answer) -> Finding:
    """A hub serves agents two minor versions older (docs/protocol.md)."""
    ours, hub = _numbers(case.version), _numbers(answer.version or "")
    if not hub or not ours:
        return found("version.unknown", ours=case.version)
    too_old = ours[0] < hub[0] or ours[0] == hub[0] and ours[1] < hub[1] - 2
    word = "version.older" if too_old else "version.newer" if ours > hub else "version.ok"
    return found(word, ours=case.version, hub=answer.version)


def _numbers(version: str) -> tuple[int, int] | None:
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else None

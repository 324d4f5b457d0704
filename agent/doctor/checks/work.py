"""Does the work flow: the line's state, the last order, what waits to be sent, what was set aside?"""

from collections.abc import Iterator

from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.line import LineState
from agent.set_aside import Counts
from domain.thresholds import MOST_UNSENT
from domain.times import DAY, HOUR, shown

LONG_WITHOUT_ORDER = DAY


def work(case: Case) -> list[Finding]:
    findings = _line(case) if case.hub_url else []
    if isinstance(case.records, Records):
        findings += [_orders(case, case.records), _outbox(case, case.records), *_aside(case.records.aside)]
    return findings


def _line(case: Case) -> list[Finding]:
    if case.running is None:
        return []
    line = case.running.line
    since = shown(line.since)
    match line.state:
        case LineState.ONLINE if line.polling:
            return [found("line.polling", host=case.hub_url)]
        case LineState.ONLINE:
            return [found("line.ok", since=since)]
        case LineState.REVOKED | LineState.STRANGER:
            return [found("line.refused", why=line.reason)]
        case LineState.FROZEN:
            return [found("line.frozen", why=line.reason)]
    return [found("line.offline", since=since, why=line.reason or str(line.state))]


def _orders(case: Case, records: Records) -> Finding:
    at = records.last_order_at
    if at is None:
        return found("orders.none")
    if case.clock() - at > LONG_WITHOUT_ORDER:
        return found("orders.long", hours=(case.clock() - at) // HOUR, at=shown(at))
    return found("orders.ok", at=shown(at))


def _outbox(case: Case, records: Records) -> Finding:
    oldest = records.outbox_oldest_at
    if oldest is None or case.clock() - oldest <= MOST_UNSENT:
        return found("outbox.ok")
    return found("outbox.old", count=records.outbox_depth, since=shown(oldest))


def _aside(aside: Counts) -> Iterator[Finding]:
    """What waits for an update or for a person."""
    yield found("quarantine.some", count=aside.events) if aside.events else found("quarantine.ok")
    for one in aside.stopped:
        yield found("log.stopped", log=one.log, kind=f"{one.kind} v{one.v}", since=shown(one.at), why=one.why)
    if aside.operations:
        yield found("undelivered.some", count=aside.operations)

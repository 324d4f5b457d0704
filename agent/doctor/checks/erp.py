"""Does the chain's ERP get what it should, and is what it sends taken? Nothing is said where there is no ERP."""

from collections.abc import Iterator

from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.erp.standing import Owed
from domain.times import shown


def erp(case: Case) -> list[Finding]:
    owed = case.records.erp if isinstance(case.records, Records) else None
    findings = [*_connectors(case), *(_owed(owed) if owed is not None else ())]
    if findings or not (case.settings.erp.any or (owed is not None and owed.latest)):
        return findings
    return [found("erp.ok")]


def _connectors(case: Case) -> Iterator[Finding]:
    if case.running is None:
        return
    if case.running.erp_problem:
        yield found("erp.settings", why=case.running.erp_problem)
    for each in case.running.erp:
        if each.trouble and each.since is not None:
            yield found("erp.connector", name=each.name, since=shown(each.since), why=each.trouble, detail=each.hint)


def _owed(owed: Owed) -> Iterator[Finding]:
    if owed.stuck and owed.oldest_at is not None:
        yield found("erp.stuck", count=owed.stuck, since=shown(owed.oldest_at))
    if owed.refused:
        yield found("erp.refused", count=len(owed.refused))
    if owed.files or owed.conflicts:
        yield found("erp.aside", files=len(owed.files), ids=len(owed.conflicts))

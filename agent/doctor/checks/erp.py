"""Does the chain's ERP get what it should, and is what it sends taken? Nothing is said where there is no ERP."""

from collections.abc import Iterator

from agent.doctor.case import Case, Records
from agent.doctor.findings import Finding, found
from agent.erp.standing import Books
from domain.times import shown


def erp(case: Case) -> list[Finding]:
    books = case.records.erp if isinstance(case.records, Records) else None
    findings = [*_connectors(case), *(_books(books) if books is not None else ())]
    if findings or not (case.settings.erp.any or (books is not None and books.latest)):
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


def _books(books: Books) -> Iterator[Finding]:
    if books.stuck and books.oldest_at is not None:
        yield found("erp.stuck", count=books.stuck, since=shown(books.oldest_at))
    if books.refused:
        yield found("erp.refused", count=len(books.refused))
    if books.files or books.conflicts:
        yield found("erp.aside", files=len(books.files), ids=len(books.conflicts))

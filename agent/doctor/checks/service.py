"""Does the service run, does it start with the computer, and does it stay up?"""

from agent.doctor.case import Case
from agent.doctor.findings import Finding, Said, found
from agent.journal import FILE, FOLDER
from agent.local_client import NotYours
from agent.system import surroundings

MANY_RESTARTS = 3
_BY_HAND = Said("没有安装为系统服务", "not installed as a service")
_RUN = "yaolink-agent run"


def service(case: Case) -> list[Finding]:
    state = surroundings.service_state()
    how: Said | str = _BY_HAND if state is None else state.how
    start = _RUN if state is None else state.start
    if isinstance(case.unanswered, NotYours):
        findings = [found("service.not_yours", detail=str(case.unanswered))]
    elif case.running is not None:
        findings = [found("service.runs", how=how)]
    elif state is not None and state.running:
        findings = [found("service.unanswered", why=str(case.unanswered or "?"), start=start)]
    else:
        log = case.settings.folder / FOLDER / FILE
        findings = [found("service.stopped", how=how, start=start, log=log, detail=str(case.unanswered or ""))]
    if state is not None and not state.automatic:
        findings.append(found("service.not_automatic", how=state.how, enable=state.enable))
    if state is not None and state.restarts >= MANY_RESTARTS:
        findings.append(found("service.restarts", count=state.restarts))
    return findings

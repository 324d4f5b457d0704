"""The settings are what everything else rests on. A file that cannot be read leaves nothing to check, and is the
command's own finding."""

from agent.doctor.case import Case
from agent.doctor.findings import Finding, found


def settings_file(case: Case) -> list[Finding]:
    return [found("settings.ok", file=case.config or "-")]

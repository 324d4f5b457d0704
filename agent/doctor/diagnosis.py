"""The doctor's last word, for headquarters and the page: asked for every hour, and whenever a person asks."""

import asyncio
from collections.abc import Sequence

from agent.doctor.case import of_running
from agent.doctor.findings import Finding, Level
from agent.parts import Parts
from domain.protocol import FindingReport
from domain.times import Clock, Millis

LEVELS_TOLD = frozenset({Level.LOOK, Level.BAD})


class Diagnosis:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.findings: Sequence[Finding] = ()
        self.at: Millis | None = None

    async def examine(self, parts: Parts) -> Sequence[Finding]:
        from agent.doctor.examination import examine  # 2 MB and half a second that no start need wait for

        self.findings = await examine(await asyncio.to_thread(of_running, parts))
        self.at = self._clock()
        return self.findings

    @property
    def reports(self) -> tuple[FindingReport, ...]:
        """What is not well."""
        return tuple(
            FindingReport(
                finding.id, finding.level, finding.what.zh, finding.what.en, finding.do.zh, finding.do.en,
                finding.detail,
            )
            for finding in self.findings
            if finding.level in LEVELS_TOLD
        )  # fmt: skip

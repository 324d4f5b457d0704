"""The doctor's last word, for headquarters and the page: asked for every hour, and whenever a person asks."""

from collections.abc import Awaitable, Callable, Sequence

from agent.doctor.findings import Finding, Level
from domain.protocol import FindingReport
from domain.times import Clock, Millis


class Diagnosis:
    """`on_done` hears of each."""

    def __init__(
        self, look: Callable[[], Awaitable[Sequence[Finding]]], clock: Clock, on_done: Callable[[], None]
    ) -> None:
        self._look, self._clock, self._on_done = look, clock, on_done
        self.findings: Sequence[Finding] = ()
        self.at: Millis | None = None

    async def examine(self) -> str:
        self.findings = await self._look()
        self.at = self._clock()
        self._on_done()
        bad = sum(finding.level is Level.BAD for finding in self.findings)
        look = sum(finding.level is Level.LOOK for finding in self.findings)
        return f"{bad} do not work, {look} to look at" if bad or look else "all is well"

    @property
    def reports(self) -> tuple[FindingReport, ...]:
        """What is not well."""
        return tuple(_report(finding) for finding in self.findings if finding.level is not Level.OK)


def _report(finding: Finding) -> FindingReport:
    what, do = finding.what, finding.do
    return FindingReport(finding.id, finding.level, what.zh, what.en, do.zh, do.en, finding.detail)

"""The findings as the command prints them: a mark and a sentence each, then what to do, then the technical detail."""

from collections.abc import Iterable, Iterator

from agent.config import Language
from agent.doctor.findings import Finding, Level, worst

MARKS = {Level.OK: "[ok]", Level.LOOK: "[ ! ]", Level.BAD: "[ x ]"}
"""Characters that every console has."""
_CONCLUSIONS = {
    Level.OK: ("一切正常", "all is well"),
    Level.LOOK: ("有需要留意的地方，见 [ ! ]", "something to look at: [ ! ]"),
    Level.BAD: ("有不能工作的地方，见 [ x ]", "something does not work: [ x ]"),
}


def in_words(findings: Iterable[Finding], language: Language) -> str:
    kept = list(findings)
    conclusion = _CONCLUSIONS[worst(kept)][language is Language.ENGLISH]
    return "\n".join([*(line for finding in kept for line in _lines(finding, language)), "", conclusion])


def _lines(finding: Finding, language: Language) -> Iterator[str]:
    yield f"{MARKS[finding.level]:<5} {finding.what.by(language)}"
    if do := finding.do.by(language):
        yield f"      {do}"
    if finding.detail and finding.level is not Level.OK:
        yield f"      ({finding.id}) {finding.detail}"

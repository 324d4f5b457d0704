"""What the store believes against what lies on paper.

- false_printed: the printer's own word (evidence A or B), and no whole slip of it on that printer's paper.
- too_early: that word came before the slip lay there.
- unmarked_duplicates: whole slips beyond the first that say the same thing: same order, kind, issue and copy number. A
  half slip, torn off after a power loss or hanging above the next one, is no duplicate: nobody packs from it.
- lost: an order's issue of which no whole slip lies anywhere and nobody is asked: no slip of it is unknown or waits.
  Where a printer that proves nothing took it (evidence C, 已发送), the product promised nothing: `sent_missing`.
- unknown slips by what happened while they were in flight: a kill, a power loss or a cut (`unknown_in_flight`); a
  printer that was robbed of its word, mute or throwing away (`unknown_without_word`); a printer that can prove nothing
  (`unknown_unproving`). What remains is `unknown_left`, and its share of the slips that met none of these is
  `unknown_share`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.print_faults.paper import Paper
from benchmarks.print_faults.records import Record, Step
from drivers.virtual.faults import Fault

History = list[tuple[float, Fault | None]]

_CUTS: frozenset[Fault] = frozenset(("power_loss", "reset", "close"))
_WORDLESS: frozenset[Fault] = frozenset(("mute", "discards"))
_CLOCKS_S = 0.05
"""Between the store's clock in milliseconds and the printers'."""
_PROVEN = ("A", "B")
_WAITING = ("accepted", "held", "not_printed", "sending", "confirming", "unknown")


@dataclass(slots=True)
class Findings:
    slips: int = 0
    kills: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    papers: int = 0
    half_papers: int = 0
    by_id: int = 0
    in_order: int = 0
    sent: int = 0
    false_printed: int = 0
    too_early: int = 0
    unmarked_duplicates: int = 0
    lost: int = 0
    sent_missing: int = 0
    met_nothing: int = 0
    unknown_left: int = 0
    unknown_in_flight: int = 0
    unknown_without_word: int = 0
    unknown_unproving: int = 0
    reprints: int = 0
    examples: list[str] = field(default_factory=list)


def check(
    records: list[Record],
    papers: list[Paper],
    *,
    histories: Mapping[str, History],
    proving: set[str],
    struck: Counter[Fault],
    kills: int,
    orders: set[str],
    cancelled: set[str],
) -> Findings:
    found = Findings(slips=len(records), kills=kills, faults={str(fault): count for fault, count in struck.items()})
    whole = [paper for paper in papers if paper.is_whole]
    found.papers, found.half_papers = len(whole), len(papers) - len(whole)
    found.reprints = sum(record.key.copy > 0 for record in records)
    _words(found, records, whole)
    _duplicates(found, whole)
    _losses(found, records, whole, orders - cancelled)
    _unknown(found, records, histories, proving)
    return found


def _words(found: Findings, records: list[Record], whole: list[Paper]) -> None:
    came = {(paper.key, paper.printer): paper.at for paper in reversed(whole)}
    for record in records:
        for step in record.steps:
            found.by_id += step.evidence == "A"
            found.in_order += step.evidence == "B"
            found.sent += step.evidence == "C"
            if step.state == "printed" and step.evidence in _PROVEN:
                at = came.get((record.key, step.printer))
                if at is None:
                    found.false_printed += 1
                    _show(found, "false printed", record)
                elif at > step.at + _CLOCKS_S:
                    found.too_early += 1
                    _show(found, f"{at - step.at:.3f} s too early", record)


def _duplicates(found: Findings, whole: list[Paper]) -> None:
    for key, count in Counter(paper.key for paper in whole).items():
        if count > 1:
            found.unmarked_duplicates += count - 1
            found.examples.append(f"{count} papers alike of {key}: {[p for p in whole if p.key == key]}")


def _losses(found: Findings, records: list[Record], whole: list[Paper], orders: set[str]) -> None:
    """A slip withdrawn unsent is not missed: its order was cancelled, or a newer issue stands for it. One withdrawn for
    a reprint is, unless that reprint is there."""
    there = {(paper.key.shown_id, paper.key.kind, paper.key.issue) for paper in whole}
    of_issue: dict[tuple[str, str, int], list[Record]] = {}
    for record in records:
        of_issue.setdefault((record.key.shown_id, record.key.kind, record.key.issue), []).append(record)
    for missing in orders - {record.key.shown_id for record in records}:
        found.lost += 1
        found.examples.append(f"order {missing} has no slip at all")
    for issue, those in of_issue.items():
        if issue in there or issue[0] not in orders or any(record.state in _WAITING for record in those):
            continue
        last = max(those, key=lambda record: record.key.copy)
        if last.state == "withdrawn" and last.cause != "reprinted":
            continue
        if any(record.evidence == "C" for record in those):
            found.sent_missing += 1
        else:
            found.lost += 1
            _show(found, "lost", *those)


def _unknown(found: Findings, records: list[Record], histories: Mapping[str, History], proving: set[str]) -> None:
    for record in records:
        for sent, end in _flights(record.steps):
            happened = set(_faults_during(histories.get(sent.printer, []), sent.at, end.at))
            is_unknown = end.state == "unknown"
            if (is_unknown and end.cause == "restart") or happened & _CUTS:
                found.unknown_in_flight += is_unknown
            elif sent.printer not in proving:
                found.unknown_unproving += is_unknown
            elif happened & _WORDLESS:
                found.unknown_without_word += is_unknown
            else:
                found.met_nothing += 1
                found.unknown_left += is_unknown
                if is_unknown:
                    _show(found, f"unknown though only {happened or 'nothing'} happened", record)


def _flights(steps: tuple[Step, ...]) -> Iterator[tuple[Step, Step]]:
    """From each beginning of a sending to how it ended; one that never ended is left out."""
    began: Step | None = None
    for step in steps:
        if step.state == "sending":
            began = step
        elif began is not None and step.state in ("printed", "unknown", "not_printed"):
            yield began, step
            began = None


def _faults_during(history: History, begin: float, end: float) -> Iterable[Fault]:
    """Those that began in between, and the one that was there already."""
    before: Fault | None = None
    for at, fault in history:
        if at > end + _CLOCKS_S:
            break
        if at < begin - _CLOCKS_S:
            before = fault if fault not in _CUTS or fault == "power_loss" else before
        elif fault is not None:
            yield fault
    if before is not None:
        yield before


def _show(found: Findings, what: str, *records: Record) -> None:
    """The first of them, for whoever looks into it."""
    if len(found.examples) < 40:
        found.examples.append(f"{what}: " + "; ".join(f"{each.key} {each.steps}" for each in records))

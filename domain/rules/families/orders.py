"""Whether anything of this order may be picked now."""

from collections.abc import Iterator

from domain.picks import PickState
from domain.rules.answers import Obstacle, Verdict
from domain.rules.book import verdict
from domain.rules.case import Case, Terms
from domain.rules.ids import Rule

REFUSED_IN = {
    PickState.STOPPED: Rule.STOPPED,
    PickState.PAUSED: Rule.PAUSED,
    PickState.CHECKED: Rule.CHECKED,
    PickState.PACKED: Rule.PACKED,
    PickState.HANDED_OVER: Rule.HANDED_OVER,
}


def not_now(case: Case) -> Verdict | None:
    match case.pick.state:
        case PickState.PICKING:
            return None
        case PickState.PAUSED | PickState.STOPPED as state:
            return verdict(REFUSED_IN[state])
        case _:
            return verdict(Rule.NOT_PICKING)


def gate(case: Case) -> Verdict | None:
    """先方后药: not one pack of any line before the prescription is approved (R10)."""
    shut = case.terms.gate
    return None if shut.open else Verdict(shut.rule, shut.sentence, english=shut.english)


def shut(terms: Terms) -> Iterator[Obstacle]:
    """The same for a step."""
    if not terms.gate.open:
        yield Obstacle(terms.gate.rule, terms.gate.sentence, english=terms.gate.english)

"""Whether anything of this order may be picked now."""

from domain.picks import PickState
from domain.rules.answers import Verdict
from domain.rules.book import verdict
from domain.rules.case import Case
from domain.rules.ids import Rule

REFUSED_IN = {PickState.STOPPED: Rule.STOPPED, PickState.PAUSED: Rule.PAUSED}


def not_now(case: Case) -> Verdict | None:
    if case.pick.state is PickState.PICKING:
        return None
    return verdict(REFUSED_IN.get(case.pick.state, Rule.NOT_PICKING))


def gate(case: Case) -> Verdict | None:
    """先方后药: not one pack of any line before the prescription is approved (R10)."""
    shut = case.terms.gate
    return None if shut.open else Verdict(shut.rule, shut.sentence, english=shut.english)

"""Whether a pick may begin."""

from domain.picks import Pick, PickState
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.case import Terms
from domain.rules.families.orders import REFUSED_IN
from domain.rules.ids import Rule


def may_start(pick: Pick, terms: Terms) -> list[Obstacle]:
    """Nothing of a prescription order is touched before its prescription is approved (R10)."""
    if pick.state not in (PickState.ASSIGNED, PickState.PICKING):
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PICKING))]
    if not terms.gate.open:
        return [Obstacle(terms.gate.rule, terms.gate.sentence, english=terms.gate.english)]
    return []

"""Whether a pick may begin, change hands, or go back to those that wait."""

from domain.picks import Pick, PickState
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.case import Terms
from domain.rules.families.orders import REFUSED_IN, shut
from domain.rules.ids import Rule

_OPEN = (PickState.ASSIGNED, PickState.PICKING)


def may_start(pick: Pick, terms: Terms, *, station: str = "", held_by: str = "", holder: str = "") -> list[Obstacle]:
    """Nothing of a prescription order is touched before its prescription is approved (R10), and no two stations pick
    one order at once. `held_by` is the station that has it, `holder` how people call who stands there."""
    if pick.state not in _OPEN:
        return [obstacle(REFUSED_IN[pick.state])]
    found = [*shut(terms)]
    if pick.state is PickState.PICKING and held_by and held_by != station:
        found.append(obstacle(Rule.HELD, who=holder or held_by))
    return found


def may_take_over(pick: Pick, terms: Terms) -> list[Obstacle]:
    """Explicit and recorded: whoever takes it over answers for what lies in the bag."""
    if pick.state not in (PickState.PICKING, PickState.PAUSED):
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PICKING))]
    return [*shut(terms)]


def may_give_back(pick: Pick) -> list[Obstacle]:
    """Back to those that wait, with an empty bag: a stranger would take what lies in it for his own scans."""
    if pick.state not in (PickState.PICKING, PickState.PAUSED):
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PICKING))]
    return [obstacle(Rule.BAG_NOT_EMPTY)] if pick.bindings else []

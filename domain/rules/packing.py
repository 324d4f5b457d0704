"""The end of a pick: what must be so before it is packed, and before it leaves."""

from collections.abc import Iterator

from domain.picks import Pick, PickState
from domain.policy import SecondCheck
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.case import Terms
from domain.rules.families.orders import REFUSED_IN
from domain.rules.ids import Rule
from domain.staff import Actor, Role


def may_pack(
    pick: Pick,
    terms: Terms,
    *,
    unsettled: frozenset[int] = frozenset(),
    asked: bool = False,
    checked_by: str = "",
) -> list[Obstacle]:
    """What is still in the way; everything in the bag is judged again by today's terms. `unsettled` are lines with an
    open exception, `asked` whether a question waits, `checked_by` who checked. The obstacle `CHECK_WANTED` comes
    alone: all the rest is there."""
    if pick.state not in (PickState.PICKING, PickState.CHECKED):
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PICKING))]
    found = [*_of_the_order(terms), *_of_the_lines(pick, unsettled)]
    if asked:
        found.append(obstacle(Rule.UNANSWERED))
    if not found and check_wanted(terms) and not checked_by:
        found.append(obstacle(Rule.CHECK_WANTED))
    return found


def check_wanted(terms: Terms) -> bool:
    match terms.policy.second_check:
        case SecondCheck.NEVER:
            return False
        case SecondCheck.PRESCRIPTION:
            return terms.prescription
        case SecondCheck.ALWAYS:
            return True


def may_check(checker: Actor, picked_by: frozenset[str]) -> list[Obstacle]:
    """Four eyes: never one of those who picked it."""
    found = []
    if checker.staff_id in picked_by:
        found.append(obstacle(Rule.CHECK_SELF))
    if not any(checker.may(role) for role in (Role.CHECKER, Role.PHARMACIST, Role.MANAGER)):
        found.append(obstacle(Rule.CHECK_ROLE, who=checker.name))
    return found


def may_hand_over(pick: Pick, terms: Terms, *, boxed: bool = False) -> list[Obstacle]:
    """`boxed`: somebody said that the cold goods are in their box."""
    if pick.state is not PickState.PACKED:
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PACKED))]
    cold = tuple(
        line.line_id for line in pick.lines if line.wanted and line.sku in terms.products and _is_cold(terms, line.sku)
    )
    return [obstacle(Rule.COLD_BOX, cold)] if cold and not boxed else []


def _is_cold(terms: Terms, sku: str) -> bool:
    return terms.products[sku].cold


def _of_the_order(terms: Terms) -> Iterator[Obstacle]:
    if not terms.gate.open:
        yield Obstacle(terms.gate.rule, terms.gate.sentence, english=terms.gate.english)


def _of_the_lines(pick: Pick, unsettled: frozenset[int]) -> Iterator[Obstacle]:
    surplus = pick.surplus()
    for rule, about in (
        (Rule.UNSETTLED, [line for line in pick.lines if line.line_id in unsettled]),
        (Rule.SURPLUS, [line for line in pick.lines if line.line_id in surplus]),
        (Rule.NOT_WHOLE, [line for line in pick.lines if pick.missing(line) > 0]),
    ):
        if about:
            yield obstacle(rule, tuple(line.line_id for line in about), names="、".join(line.name for line in about))

"""The end of a pick: what must be so before it is packed, and before it leaves. Everything in the bag is judged again
by today's terms: a recall may have come, a day may have passed, since it was scanned."""

from collections.abc import Iterable, Iterator

from domain.lots import KnownLot, LotSource
from domain.orders import OrderLine
from domain.picks import Binding, Entry, Pick, PickState
from domain.policy import SecondCheck
from domain.products import CodePolicy
from domain.rules.answers import Ask, Obstacle
from domain.rules.book import obstacle
from domain.rules.case import Terms
from domain.rules.families import codes, controls
from domain.rules.families.lots import lot_wanted, troubled
from domain.rules.families.orders import REFUSED_IN, shut
from domain.rules.ids import Rule
from domain.staff import Actor, Role

CHECKERS = (Role.CHECKER, Role.PHARMACIST, Role.MANAGER)


def may_pack(
    pick: Pick,
    terms: Terms,
    *,
    unsettled: frozenset[int] = frozenset(),
    asked: bool = False,
    checked_by: str = "",
) -> list[Obstacle]:
    """What is still in the way. `unsettled` are lines with an open exception, `asked` whether a question waits,
    `checked_by` who checked the bag as it is now. The obstacle `CHECK_WANTED` comes alone: all the rest is there."""
    if pick.state not in (PickState.PICKING, PickState.CHECKED):
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PICKING))]
    found = [*shut(terms), *_of_the_lines(pick, terms, unsettled), *_of_the_bag(pick, terms)]
    if asked:
        found.append(obstacle(Rule.UNANSWERED))
    if not found and check_wanted(terms):
        found += _checked(pick, checked_by)
    return found


def _checked(pick: Pick, checked_by: str) -> list[Obstacle]:
    """Whoever took over after checking, and took a pack, has no other pair of eyes any more."""
    if not checked_by:
        return [obstacle(Rule.CHECK_WANTED)]
    return [obstacle(Rule.CHECK_SELF)] if any(each.staff_id == checked_by for each in pick.bindings) else []


def check_wanted(terms: Terms) -> bool:
    match terms.policy.second_check:
        case SecondCheck.NEVER:
            return False
        case SecondCheck.PRESCRIPTION:
            return terms.prescription
        case SecondCheck.ALWAYS:
            return True


def may_check(checker: Actor, picked_by: frozenset[str]) -> list[Obstacle]:
    """Four eyes: somebody who may, and none of those who picked it."""
    found = []
    if not checker.staff_id or checker.staff_id in picked_by:
        found.append(obstacle(Rule.CHECK_SELF))
    if not any(checker.may(role) for role in CHECKERS):
        found.append(obstacle(Rule.CHECK_ROLE, who=checker.name))
    return found


def may_hand_over(pick: Pick, terms: Terms, *, boxed: bool = False) -> list[Obstacle]:
    """`boxed`: somebody said that the cold goods are in their box."""
    if pick.state is not PickState.PACKED:
        return [obstacle(REFUSED_IN.get(pick.state, Rule.NOT_PACKED))]
    found = [*shut(terms), *_surplus(pick), *_of_the_bag(pick, terms)]
    cold = [line for line in pick.lines if line.wanted and _is_cold(terms, line)]
    if cold and not boxed:
        found.append(_about(Rule.COLD_BOX, cold))
    return found


def _of_the_lines(pick: Pick, terms: Terms, unsettled: frozenset[int]) -> Iterator[Obstacle]:
    if unsettled and (open_lines := [line for line in pick.lines if line.line_id in unsettled]):
        yield _about(Rule.UNSETTLED, open_lines)
    yield from _surplus(pick)
    missing = [line for line in pick.lines if pick.missing(line) > 0]
    without_code = [line for line in missing if _has_no_code(terms, line)]
    if without_code:
        yield _about(Rule.BY_HAND, without_code, ask=Ask.REASON)
    if rest := [line for line in missing if line not in without_code]:
        yield _about(Rule.NOT_WHOLE, rest)


def _surplus(pick: Pick) -> Iterator[Obstacle]:
    surplus = pick.surplus()
    if over := [line for line in pick.lines if line.line_id in surplus]:
        yield _about(Rule.SURPLUS, over)


def _of_the_bag(pick: Pick, terms: Terms) -> Iterator[Obstacle]:
    for line in pick.lines:
        bindings = [binding for binding in pick.bindings if binding.line_id == line.line_id]
        if not bindings or line.sku is None:
            continue
        yield from _forbidden(line, terms)
        yield from _of_its_lots(line, line.sku, bindings, terms)
        yield from _waived(line, bindings, terms)
        yield from _barred(line, bindings, terms)
    yield from _limits(pick, terms)


def _forbidden(line: OrderLine, terms: Terms) -> Iterator[Obstacle]:
    product = terms.product(line)
    listing = controls.forbidding(product, terms) if product is not None else None
    if listing is not None:
        yield _about(listing.rule, [line], list=listing.title)


def _of_its_lots(line: OrderLine, sku: str, bindings: Iterable[Binding], terms: Terms) -> Iterator[Obstacle]:
    """Each rule once, however many packs it is about."""
    told = set()
    for binding in bindings:
        lot = lot_of(binding)
        trouble = troubled(terms, sku, lot)
        rule = trouble.rule if trouble is not None else lot_wanted(terms, sku, lot)
        if rule is None or rule in told:
            continue
        told.add(rule)
        ask = Ask.LOT if trouble is None else None
        yield _about(rule, [line], ask=ask, **(trouble.said if trouble is not None else {}))


def lot_of(binding: Binding) -> KnownLot | None:
    if binding.lot is None:
        return None
    source = binding.lot_source or LotSource.CLERK
    return KnownLot(binding.lot, source, binding.expiry, month_only=binding.month_only)


def _waived(line: OrderLine, bindings: Iterable[Binding], terms: Terms) -> Iterator[Obstacle]:
    """An order that 医保 pays may have become one after its packs were taken."""
    if terms.insured and not _has_no_code(terms, line) and any(each.entry is Entry.WAIVED for each in bindings):
        yield _about(Rule.WAIVER_INSURED, [line])


def _barred(line: OrderLine, bindings: Iterable[Binding], terms: Terms) -> Iterator[Obstacle]:
    """The list may have come since it was scanned."""
    lists = {terms.barred[each.code] for each in bindings if each.code in terms.barred}
    for of in sorted(lists):
        yield _about(codes.BARRED[of], [line])


def _limits(pick: Pick, terms: Terms) -> Iterator[Obstacle]:
    if terms.prescription:
        return
    for line in pick.lines:
        product = terms.product(line)
        for listing in controls.limits(product, terms) if product is not None else ():
            if controls.held(pick, terms, listing) > (listing.most or 0):
                yield _about(Rule.LIMIT, [line], count=listing.most)


def _is_cold(terms: Terms, line: OrderLine) -> bool:
    product = terms.product(line)
    return product is not None and product.cold


def _has_no_code(terms: Terms, line: OrderLine) -> bool:
    product = terms.product(line)
    return product is not None and product.policy is CodePolicy.NONE


def _about(rule: Rule, lines: list[OrderLine], *, ask: Ask | None = None, **said: object) -> Obstacle:
    names = "、".join(line.name for line in lines)
    return obstacle(rule, tuple(line.line_id for line in lines), ask=ask, name=names, names=names, **said)

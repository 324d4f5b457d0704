"""One scan, judged: the rules in their order. The first that speaks is the answer."""

from collections.abc import Callable, Iterable

import msgspec

from domain.picks import Binding, Pick
from domain.rules.answers import Ask, Verdict
from domain.rules.book import RULES, verdict
from domain.rules.case import Case
from domain.rules.families import codes, controls, counts, lots, orders, products
from domain.rules.families.lots import Trouble
from domain.rules.families.warnings import warnings
from domain.rules.ids import Rule
from domain.rules.pack import Pack, match

OF_THE_SCAN: tuple[Callable[[Case], Verdict | None], ...] = (
    codes.customers,
    orders.not_now,
    orders.gate,
    codes.unreadable,
    codes.barred,
    counts.used,
)
"""What needs no product."""

OF_THE_PACK: tuple[Callable[[Pack], Verdict | None], ...] = (
    controls.forbidden,
    products.level,
    products.code_policy,
    lots.consistent,
    lots.sellable,
    counts.enough,
    controls.limit,
    codes.typed_twice,
)
"""What is asked of the pack and the line it is for."""


def judge(case: Case) -> Verdict:
    """Says whether this scan moves this pick; changes nothing."""
    for of_scan in OF_THE_SCAN:
        if (answer := of_scan(case)) is not None:
            return answer
    pack = match(case)
    if isinstance(pack, Verdict):
        return pack
    for of_pack in OF_THE_PACK:
        if (answer := of_pack(pack)) is not None:
            return answer
    return _taken(pack)


def _taken(pack: Pack) -> Verdict:
    """With what the clerk must know of it. Where its lot is wanted it lies on its line without one until somebody
    reads it; it cannot be packed before."""
    good = verdict(Rule.TAKEN, pack.line.line_id, name=pack.line.name)
    wanted = lots.lot_wanted(pack.terms, pack.product.sku, pack.lot)
    found = [*warnings(pack), *([Trouble(wanted, {"names": pack.line.name})] if wanted else ())]
    return msgspec.structs.replace(
        good,
        ask=Ask.LOT if wanted else None,
        warning="；".join(_chinese(found)),
        english=". ".join((good.english, *_english(found))),
    )


def _chinese(found: Iterable[Trouble]) -> Iterable[str]:
    return (RULES[each.rule].sentence.format_map(each.said) for each in found)


def _english(found: Iterable[Trouble]) -> Iterable[str]:
    return (RULES[each.rule].english.format_map(each.said) for each in found)


def bind(case: Case, staff_id: str = "") -> Binding:
    """What a good scan puts to its line. Raises ValueError for a scan that no line wants."""
    pack = match(case)
    if isinstance(pack, Verdict):
        raise ValueError(f"no line wants this pack: {pack.rule}")
    lot = pack.lot
    return Binding(
        line_id=pack.line.line_id,
        code=pack.code,
        quantity=pack.quantity,
        lot=lot.lot if lot else None,
        lot_source=lot.source if lot else None,
        expiry=lot.expiry if lot else None,
        month_only=lot.month_only if lot else False,
        entry=case.entry,
        opened=pack.opened,
        staff_id=staff_id,
    )


def take(case: Case, verdict: Verdict, staff_id: str = "") -> Pick:
    """The pick after this verdict: with one more pack on its line if it was good, else as it was."""
    if not verdict.good:
        return case.pick
    return msgspec.structs.replace(case.pick, bindings=(*case.pick.bindings, bind(case, staff_id)))

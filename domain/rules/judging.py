"""One scan, judged: the rules in their order. The first that speaks is the answer."""

from collections.abc import Callable

import msgspec

from domain.picks import Binding, Pick
from domain.rules.answers import Verdict
from domain.rules.book import verdict
from domain.rules.case import Case
from domain.rules.families import codes, counts, orders
from domain.rules.ids import Rule
from domain.rules.pack import Pack, match

BEFORE: tuple[Callable[[Case], Verdict | None], ...] = (
    codes.customers,
    orders.not_now,
    orders.gate,
    codes.unreadable,
    counts.used,
)
"""What needs no product."""

OF_THE_PACK: tuple[Callable[[Pack], Verdict | None], ...] = (counts.enough,)
"""What is asked of the pack and the line it is for."""


def judge(case: Case) -> Verdict:
    """Says whether this scan moves this pick; changes nothing."""
    for of_scan in BEFORE:
        if (answer := of_scan(case)) is not None:
            return answer
    pack = match(case)
    if isinstance(pack, Verdict):
        return pack
    for of_pack in OF_THE_PACK:
        if (answer := of_pack(pack)) is not None:
            return answer
    return verdict(Rule.TAKEN, pack.line.line_id, name=pack.line.name)


def bind(case: Case, staff_id: str = "") -> Binding:
    """What a good scan puts to its line. Raises ValueError for a scan that no rule lets through."""
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

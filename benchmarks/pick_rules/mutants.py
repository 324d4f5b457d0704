"""Rules with a hole each: what the benchmark is worth. Every one of them must be caught."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from unittest import mock

from benchmarks.pick_rules.sequences import Tally, run
from domain import recalls, rules
from domain.orders import OrderLine
from domain.policy import ChainPolicy
from domain.rules import Gate, Reviewed, judging, packing, prescribing
from domain.rules.families import codes, controls, counts, products

Hole = Callable[[], AbstractContextManager[object]]
_gate = prescribing.gate


def _without(rule: object) -> Hole:
    """`judge` skips one rule."""

    def hole() -> AbstractContextManager[object]:
        name = "OF_THE_SCAN" if rule in judging.OF_THE_SCAN else "OF_THE_PACK"
        kept = tuple(each for each in getattr(judging, name) if each is not rule)
        return mock.patch.object(judging, name, kept)

    return hole


def _answers(where: object, name: str, answer: object) -> Hole:
    return lambda: mock.patch.object(where, name, lambda *_said, **_more: answer)


def _one_pair_of_eyes(
    needed: bool,
    lines: Iterable[OrderLine],
    reviewed: Reviewed,
    *,
    picked_by: frozenset[str] = frozenset(),
    started_at: int | None = None,
    policy: ChainPolicy,
) -> Gate:
    return _gate(needed, lines, reviewed, started_at=started_at, policy=policy)


def _at_any_time(
    needed: bool,
    lines: Iterable[OrderLine],
    reviewed: Reviewed,
    *,
    picked_by: frozenset[str] = frozenset(),
    started_at: int | None = None,
    policy: ChainPolicy,
) -> Gate:
    return _gate(needed, lines, reviewed, picked_by=picked_by, policy=policy)


MUTANTS: dict[str, Hole] = {
    "an approval covers anything": _answers(prescribing, "covered", True),
    "anybody approves": _answers(prescribing, "_by_a_pharmacist", True),
    "the pharmacist picks": lambda: mock.patch.object(rules, "gate", _one_pair_of_eyes),
    "approved after picking": lambda: mock.patch.object(rules, "gate", _at_any_time),
    "the gate is forgotten when packing": _answers(packing, "shut", ()),
    "lots are not judged again": _answers(packing, "troubled", None),
    "no lot is ever wanted": _answers(packing, "lot_wanted", None),
    "a recall counts letters by case": lambda: mock.patch.object(recalls, "same_lot", lambda one, other: one == other),
    "a code may be used again": _without(counts.used),
    "cases are sold": _without(products.level),
    "a 69-code is enough": _without(products.code_policy),
    "typed once is enough": _without(codes.typed_twice),
    "banned is sold": _answers(controls, "forbidding", None),
    "nobody checks": _answers(packing, "check_wanted", False),
    "whoever picked checks": _answers(rules, "may_check", []),
    "cold goods go warm": _answers(packing, "_is_cold", False),
    "too much is packed": _answers(packing, "_surplus", ()),
    "waived for any reason": _answers(rules, "may_waive", []),
}


def caught(hole: Hole, *, at_most: int) -> int | None:
    """The sequence that found it, counted from one."""
    tally = Tally()
    with hole():
        for number in range(at_most):
            run(number, tally)
            if tally.illegal:
                return number + 1
    return None

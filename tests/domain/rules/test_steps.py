"""Steps of a pick: who may start, check, pack, hand over; what a store does without; what moves and what comes back."""

from datetime import date

import msgspec
import pytest

from domain.codes import ProductBarcode
from domain.lots import KnownLot, Lot, LotSource
from domain.operations import MoveKind
from domain.picks import Binding, Entry, Pick, PickState
from domain.policy import ChainPolicy, SecondCheck, Waiver
from domain.products import CodePolicy
from domain.quantity import ONE, units
from domain.recalls import Recall, RecallKind
from domain.rules import (
    Ask,
    Gate,
    Obstacle,
    Rule,
    may_check,
    may_give_back,
    may_hand_over,
    may_learn,
    may_move,
    may_name_lot,
    may_pack,
    may_report_short,
    may_return,
    may_start,
    may_substitute,
    may_take_over,
    may_waive,
    proposal,
)
from domain.staff import Actor, Role
from tests.domain.rules.shelf import ALCOHOL, AMOXICILLIN, PICK, STRANGER, TERMS, TODAY, trace

BINDINGS = (Binding(1, trace(1).code, ONE), Binding(1, trace(2).code, ONE), Binding(2, None, ONE))
FULL = msgspec.structs.replace(PICK, bindings=BINDINGS)
SHUT = Gate(Rule.PRESCRIPTION, "处方未审核，不能拣货", "wait")
RECALL = Recall("r1", RecallKind.RECALL, "M1", ("B1",), "质量问题", 0)
B0, B1 = Lot("B0", date(2026, 11, 21), units(3)), Lot("B1", date(2027, 10, 31), units(3))


def rules(found: list[Obstacle]) -> list[Rule]:
    assert all(each.sentence and each.english for each in found)
    return [each.rule for each in found]


def packing(pick: Pick = FULL, *, checked_by: str = "", asked: bool = False, **terms: object) -> list[Rule]:
    return rules(may_pack(pick, msgspec.structs.replace(TERMS, **terms), checked_by=checked_by, asked=asked))


def packed(**terms: object) -> list[Rule]:
    pick = msgspec.structs.replace(FULL, state=PickState.PACKED)
    return rules(may_hand_over(pick, msgspec.structs.replace(TERMS, **terms)))


def with_lot(lot: str | None, expiry: date | None = None) -> Pick:
    held = tuple(
        msgspec.structs.replace(each, lot=lot, expiry=expiry) if each.line_id == 1 else each for each in BINDINGS
    )
    return msgspec.structs.replace(PICK, bindings=held)


def test_a_whole_pick_is_packed() -> None:
    assert packing() == []


def test_what_keeps_a_pick_open() -> None:
    assert packing(PICK) == [Rule.NOT_WHOLE]
    assert packing(asked=True) == [Rule.UNANSWERED]
    assert packing(gate=SHUT) == [Rule.PRESCRIPTION]
    assert rules(may_pack(FULL, TERMS, unsettled=frozenset({2}))) == [Rule.UNSETTLED]
    herb = msgspec.structs.replace(ALCOHOL, code_policy=CodePolicy.NONE)
    without = msgspec.structs.replace(PICK, bindings=BINDINGS[:2])
    (by_hand,) = may_pack(without, msgspec.structs.replace(TERMS, products={"M1": AMOXICILLIN, "M2": herb}))
    assert (by_hand.rule, by_hand.ask, by_hand.line_ids) == (Rule.BY_HAND, Ask.REASON, (2,))


def test_everything_in_the_bag_is_judged_again() -> None:
    """A recall came, a day passed, a list changed, since it was scanned."""
    assert packing(with_lot("b1"), recalls=(RECALL,)) == [Rule.RECALLED]
    assert packing(with_lot(None), recalls=(RECALL,)) == [Rule.RECALL_LOT_WANTED]
    assert packing(with_lot("B2"), recalls=(RECALL,)) == []
    assert packing(with_lot("B9", date(2026, 11, 21))) == [Rule.EXPIRED]
    assert packing(with_lot(None), lots={"M1": (B0,)}) == [Rule.LOT_WANTED]
    banned = msgspec.structs.replace(AMOXICILLIN, controls=("injection",))
    assert packing(products={"M1": banned}) == [Rule.BANNED_ONLINE]
    first = msgspec.structs.replace(BINDINGS[0], entry=Entry.WAIVED)
    waived = msgspec.structs.replace(FULL, bindings=(first, *BINDINGS[1:]))
    assert packing(waived, insured=True) == [Rule.WAIVER_INSURED]
    assert packed(recalls=(msgspec.structs.replace(RECALL, lots=()),)) == [Rule.RECALLED]
    assert packed(gate=SHUT) == [Rule.PRESCRIPTION]


@pytest.mark.parametrize(
    ("wanted", "prescription", "expected"),
    [
        (SecondCheck.NEVER, True, []),
        (SecondCheck.PRESCRIPTION, False, []),
        (SecondCheck.PRESCRIPTION, True, [Rule.CHECK_WANTED]),
        (SecondCheck.ALWAYS, False, [Rule.CHECK_WANTED]),
    ],
)
def test_whose_picks_a_second_person_checks(wanted: SecondCheck, prescription: bool, expected: list[Rule]) -> None:
    policy = ChainPolicy(second_check=wanted)
    assert packing(policy=policy, prescription=prescription) == expected
    assert packing(policy=policy, prescription=prescription, checked_by="s2") == []
    mine = msgspec.structs.replace(FULL, bindings=tuple(msgspec.structs.replace(b, staff_id="s2") for b in BINDINGS))
    own = [Rule.CHECK_SELF] if expected else []
    assert packing(mine, policy=policy, prescription=prescription, checked_by="s2") == own


def test_four_eyes() -> None:
    checker = Actor("page:1", "s2", "王", (Role.CHECKER,))
    assert may_check(checker, frozenset({"s1"})) == []
    assert rules(may_check(checker, frozenset({"s1", "s2"}))) == [Rule.CHECK_SELF]
    assert rules(may_check(Actor("page:1"), frozenset())) == [Rule.CHECK_SELF, Rule.CHECK_ROLE]
    assert rules(may_check(Actor("page:1", "s3", "李", (Role.PICKER,)), frozenset())) == [Rule.CHECK_ROLE]


def test_cold_goods_leave_in_their_box() -> None:
    cold = {"M1": msgspec.structs.replace(AMOXICILLIN, cold=True)}
    assert packed(products=cold) == [Rule.COLD_BOX]
    pick = msgspec.structs.replace(FULL, state=PickState.PACKED)
    assert may_hand_over(pick, msgspec.structs.replace(TERMS, products=cold), boxed=True) == []
    assert rules(may_hand_over(FULL, TERMS)) == [Rule.NOT_PACKED]


def test_one_order_is_picked_at_one_place() -> None:
    assert may_start(PICK, TERMS, station="page:1", held_by="page:1") == []
    assert rules(may_start(PICK, TERMS, station="page:1", held_by="page:2")) == [Rule.HELD]
    assert may_take_over(PICK, TERMS) == []
    assert rules(may_start(PICK, msgspec.structs.replace(TERMS, gate=SHUT))) == [Rule.PRESCRIPTION]
    assert rules(may_take_over(msgspec.structs.replace(PICK, state=PickState.PACKED), TERMS)) == [Rule.PACKED]
    assert may_give_back(PICK) == []
    assert rules(may_give_back(FULL)) == [Rule.BAG_NOT_EMPTY]


def test_what_expired_or_recalled_stock_may_still_do() -> None:
    for kind in MoveKind:
        expired = may_move(kind, "M1", B0, -ONE, today=TODAY)
        recalled = may_move(kind, "M1", B1, -ONE, today=TODAY, recalls=(RECALL,))
        stays = kind in (MoveKind.RELEASE, MoveKind.USE)
        assert rules(expired) == ([Rule.MOVE_EXPIRED] if stays else []), kind
        assert rules(recalled) == ([Rule.MOVE_RECALLED] if stays else []), kind
    assert rules(may_move(MoveKind.DESTROY, "M1", B0, -units(4), today=TODAY)) == [Rule.MOVE_TOO_MUCH]


def test_only_what_was_sold_here_comes_back_and_once() -> None:
    sale = msgspec.structs.replace(FULL, state=PickState.HANDED_OVER)
    verdict = may_return(sale, trace(2))
    assert (verdict.rule, verdict.line_id, verdict.good) == (Rule.TAKEN_BACK, 1, True)
    assert may_return(sale, trace(9)).rule is Rule.NOT_SOLD_HERE
    assert may_return(sale, trace(2), returned=frozenset({1})).rule is Rule.RETURNED_BEFORE
    barcode = ProductBarcode("6900000000014")
    assert may_return(sale, barcode, (ALCOHOL,)).line_id == 2
    assert may_return(sale, barcode, (ALCOHOL,), frozenset({2})).rule is Rule.RETURNED_BEFORE
    assert may_return(FULL, trace(2)).rule is Rule.NOT_SOLD_HERE, "nothing was sold yet"


def test_what_may_stand_in() -> None:
    listed = {"M1": msgspec.structs.replace(AMOXICILLIN, substitutes=("M9",))}
    allowed = msgspec.structs.replace(TERMS, products=listed, policy=ChainPolicy(substitution=True))
    first = PICK.lines[0]
    assert may_substitute(first, STRANGER, allowed) == []
    assert rules(may_substitute(first, ALCOHOL, allowed)) == [Rule.SUBSTITUTE_NOT_LISTED]
    assert rules(may_substitute(first, STRANGER, msgspec.structs.replace(allowed, insured=True))) == [
        Rule.SUBSTITUTE_INSURED
    ]
    assert rules(may_substitute(first, STRANGER, TERMS)) == [Rule.SUBSTITUTE_POLICY]


def test_what_is_short_is_not_more_than_what_is_missing() -> None:
    assert may_report_short(PICK, PICK.lines[0], units(2)) == []
    assert rules(may_report_short(FULL, FULL.lines[0], ONE)) == [Rule.SHORT_COUNT]
    assert rules(may_report_short(PICK, PICK.lines[0], 0)) == [Rule.SHORT_COUNT]


@pytest.mark.parametrize(
    ("reason", "photo", "policy", "insured", "expected"),
    [
        (Waiver.DAMAGED, True, CodePolicy.TRACE, False, []),
        (Waiver.DAMAGED, False, CodePolicy.TRACE, False, [Rule.PHOTO_WANTED]),
        (Waiver.DAMAGED, True, CodePolicy.TRACE, True, [Rule.WAIVER_INSURED]),
        (Waiver.EXEMPT, True, CodePolicy.TRACE, False, [Rule.NOT_WAIVED]),
        (Waiver.EXEMPT, False, CodePolicy.NONE, True, []),
        (Waiver.NO_CODE, True, CodePolicy.NONE, False, [Rule.NOT_WAIVED]),
    ],
)
def test_who_goes_through_without_a_code(
    reason: Waiver, photo: bool, policy: CodePolicy, insured: bool, expected: list[Rule]
) -> None:
    products = {"M1": msgspec.structs.replace(AMOXICILLIN, code_policy=policy)}
    terms = msgspec.structs.replace(TERMS, products=products, insured=insured)
    assert rules(may_waive(PICK, PICK.lines[0], reason, terms, photo=photo)) == expected
    assert Rule.ENOUGH in rules(may_waive(FULL, FULL.lines[0], reason, terms, photo=photo))


def test_a_prefix_is_shown_or_said_by_a_second_person() -> None:
    assert may_learn(AMOXICILLIN, (), barcode="6901234567892") == []
    assert may_learn(AMOXICILLIN, (AMOXICILLIN,), picker="s1", second="s2") == []
    assert rules(may_learn(AMOXICILLIN, (), picker="s1", second="s1")) == [Rule.NOT_SHOWN]
    assert rules(may_learn(AMOXICILLIN, (), barcode="6900000000014")) == [Rule.NOT_SHOWN]
    assert rules(may_learn(AMOXICILLIN, (STRANGER,), barcode="6901234567892")) == [Rule.PREFIX_TAKEN]


def test_a_lot_that_somebody_read() -> None:
    first = PICK.lines[0]
    terms = msgspec.structs.replace(
        TERMS, lots={"M1": (B0, B1)}, recalls=(msgspec.structs.replace(RECALL, lots=("B7",)),)
    )

    def said(lot: str, expiry: date | None = None) -> Rule:
        return may_name_lot(first, lot, terms, expiry=expiry)[0].rule

    verdict, lot = may_name_lot(first, " b1", terms)
    assert verdict.good and lot == KnownLot("B1", LotSource.CLERK, B1.expiry)
    assert said("B0") is Rule.EXPIRED
    assert said("B7") is Rule.RECALLED
    assert said("B1", date(2027, 1, 1)) is Rule.LOT_CONFLICT
    assert said("B8") is Rule.LOT_DAY_WANTED
    assert said("B8", date(2028, 1, 31)) is Rule.LOT_SAID
    assert said(" ") is Rule.LOT_WANTED


def test_a_proposal_spans_lots_and_names_none_that_may_not_be_sold() -> None:
    b2, b3 = Lot("B2", date(2027, 12, 31), ONE, shelf="C-1"), Lot("B3", date(2027, 9, 30), units(9))
    recalled = msgspec.structs.replace(RECALL, lots=("b3",))
    terms = msgspec.structs.replace(
        TERMS, lots={"M1": (b2, B0, b3, msgspec.structs.replace(B1, quantity=ONE))}, recalls=(recalled,)
    )
    assert [(lot.lot, count) for lot, count in proposal(PICK, PICK.lines[0], terms)] == [("B1", ONE), ("B2", ONE)]
    one = msgspec.structs.replace(PICK, bindings=(Binding(1, trace(1).code, ONE, "B1"),))
    assert [(lot.lot, count) for lot, count in proposal(one, one.lines[0], terms)] == [("B2", ONE)]
    assert proposal(PICK, PICK.lines[0], msgspec.structs.replace(terms, lots={"M1": (B0,)})) == ()

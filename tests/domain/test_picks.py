"""Each scan's verdict, and that no sequence of scans fills a pick wrongly."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import ProductBarcode, TraceCode, Unreadable
from domain.orders import OrderLine
from domain.picks import IllegalPickMove, Pick, PickState, Rule, Sighting, judge, move, take
from domain.quantity import units

AMOXICILLIN = OrderLine(1, "M1", "M1", "阿莫西林胶囊", "0.25g*24粒", "盒", units(2), 1250)
ALCOHOL = OrderLine(2, "M2", "M2", "75%酒精消毒液", "100ml", "瓶", units(1), 600)
PICK = Pick("o1", PickState.PICKING, (AMOXICILLIN, ALCOHOL))


def trace(serial: int, prefix: str = "8101235") -> TraceCode:
    return TraceCode(f"{prefix}{serial:013d}")


def seen(*skus: str, bound_to: str | None = None, sold_at: str | None = None) -> Sighting:
    return Sighting(frozenset(skus), bound_to, sold_at)


def test_a_right_pack_fills_its_line() -> None:
    verdict = judge(PICK, trace(1), seen("M1"))
    assert (verdict.rule, verdict.line_id) == (Rule.TAKEN, 1)
    pick = take(PICK, verdict, trace(1))
    assert pick.picked(1) == units(1)
    assert not pick.whole


@pytest.mark.parametrize(
    ("sighting", "rule"),
    [
        (seen("M9"), Rule.WRONG_PRODUCT),
        (seen(), Rule.UNKNOWN_PREFIX),
        (seen("M1", sold_at="11-20 09:30"), Rule.SOLD_BEFORE),
        (seen("M1", bound_to="o2"), Rule.BOUND_ELSEWHERE),
    ],
)
def test_a_wrong_pack_is_refused_by_its_rule(sighting: Sighting, rule: Rule) -> None:
    verdict = judge(PICK, trace(1), sighting)
    assert verdict.rule is rule
    assert verdict.sentence
    assert take(PICK, verdict, trace(1)) == PICK


def test_the_same_code_twice_is_refused() -> None:
    pick = take(PICK, judge(PICK, trace(1), seen("M1")), trace(1))
    assert judge(pick, trace(1), seen("M1")).rule is Rule.TWICE_HERE


def test_more_than_wanted_is_refused() -> None:
    pick = PICK
    for serial in (1, 2):
        pick = take(pick, judge(pick, trace(serial), seen("M1")), trace(serial))
    assert judge(pick, trace(3), seen("M1")).rule is Rule.ENOUGH


def test_a_product_barcode_may_come_twice() -> None:
    pick = PICK
    for _ in range(2):
        pick = take(pick, judge(pick, ProductBarcode("6900000000014"), seen("M1")), ProductBarcode("6900000000014"))
    assert pick.picked(1) == units(2)


def test_an_unreadable_code_says_why() -> None:
    assert judge(PICK, Unreadable("8", "扫码不完整"), seen()).sentence == "扫码不完整"


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        (PickState.STOPPED, Rule.STOPPED),
        (PickState.PAUSED, Rule.PAUSED),
        (PickState.ASSIGNED, Rule.NOT_PICKING),
        (PickState.PACKED, Rule.NOT_PICKING),
    ],
)
def test_nothing_is_taken_unless_somebody_picks(state: PickState, rule: Rule) -> None:
    assert judge(msgspec.structs.replace(PICK, state=state), trace(1), seen("M1")).rule is rule


def test_a_struck_line_wants_less_and_what_is_over_goes_back() -> None:
    pick = PICK
    for serial in (1, 2):
        pick = take(pick, judge(pick, trace(serial), seen("M1")), trace(serial))
    struck = msgspec.structs.replace(AMOXICILLIN, struck=units(1))
    pick = msgspec.structs.replace(pick, lines=(struck, ALCOHOL))
    assert pick.surplus() == {1: units(1)}
    assert not pick.whole


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["M1", "M2", "M9"]))))
def test_no_sequence_of_scans_overfills_or_doubles(scans: list[tuple[int, str]]) -> None:
    pick = PICK
    for serial, sku in scans:
        code = trace(serial, prefix=f"81012{sku[1]}5")
        pick = take(pick, judge(pick, code, seen(sku)), code)
    codes = [binding.code for binding in pick.bindings]
    assert len(codes) == len(set(codes))
    assert not pick.surplus()


@given(st.lists(st.sampled_from(PickState)))
def test_a_stopped_pick_never_moves_again(wanted: list[PickState]) -> None:
    for state in wanted:
        with pytest.raises(IllegalPickMove):
            move(PickState.STOPPED, state)

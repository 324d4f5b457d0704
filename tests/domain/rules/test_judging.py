"""Each scan's verdict, and that no sequence of scans fills a pick wrongly."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Code, ProductBarcode, Unreadable
from domain.picks import IllegalPickMove, Pick, PickState, move
from domain.products import Product
from domain.quantity import units
from domain.rules import Known, Rule, Verdict, judge, take
from tests.domain.rules.shelf import ALCOHOL, AMOXICILLIN, PICK, STRANGER, case, line, trace


def judged(code: Code, known: Known, pick: Pick = PICK) -> Verdict:
    return judge(case(code, known, pick))


def taken(pick: Pick, code: Code, known: Known) -> Pick:
    seen = case(code, known, pick)
    return take(seen, judge(seen))


def known(*products: Product, bound_to: str | None = None, sold_at: str | None = None) -> Known:
    return Known(products, bound_to, sold_at)


def test_a_right_pack_fills_its_line() -> None:
    verdict = judged(trace(1), known(AMOXICILLIN))
    assert (verdict.rule, verdict.line_id) == (Rule.TAKEN, 1)
    pick = taken(PICK, trace(1), known(AMOXICILLIN))
    assert pick.picked(1) == units(1)
    assert not pick.whole


@pytest.mark.parametrize(
    ("sighting", "rule"),
    [
        (known(STRANGER), Rule.WRONG_PRODUCT),
        (known(), Rule.UNKNOWN_PREFIX),
        (known(AMOXICILLIN, sold_at="11-20 09:30"), Rule.SOLD_BEFORE),
        (known(AMOXICILLIN, bound_to="o2"), Rule.BOUND_ELSEWHERE),
    ],
)
def test_a_wrong_pack_is_refused_by_its_rule(sighting: Known, rule: Rule) -> None:
    verdict = judged(trace(1), sighting)
    assert verdict.rule is rule
    assert verdict.sentence
    assert taken(PICK, trace(1), sighting) == PICK


def test_the_same_code_twice_is_refused() -> None:
    pick = taken(PICK, trace(1), known(AMOXICILLIN))
    assert judged(trace(1), known(AMOXICILLIN), pick).rule is Rule.TWICE_HERE


def test_more_than_wanted_is_refused() -> None:
    pick = PICK
    for serial in (1, 2):
        pick = taken(pick, trace(serial), known(AMOXICILLIN))
    assert judged(trace(3), known(AMOXICILLIN), pick).rule is Rule.ENOUGH


def test_a_product_barcode_may_come_twice() -> None:
    pick = msgspec.structs.replace(PICK, lines=(line(1, ALCOHOL, 2),))
    for _ in range(2):
        pick = taken(pick, ProductBarcode("6900000000014"), known(ALCOHOL))
    assert pick.picked(1) == units(2)


def test_an_unreadable_code_says_why() -> None:
    assert judged(Unreadable("8", "扫码不完整"), known()).sentence == "扫码不完整"


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
    assert judged(trace(1), known(AMOXICILLIN), msgspec.structs.replace(PICK, state=state)).rule is rule


def test_a_struck_line_wants_less_and_what_is_over_goes_back() -> None:
    pick = PICK
    for serial in (1, 2):
        pick = taken(pick, trace(serial), known(AMOXICILLIN))
    struck = msgspec.structs.replace(PICK.lines[0], struck=units(1))
    pick = msgspec.structs.replace(pick, lines=(struck, PICK.lines[1]))
    assert pick.surplus() == {1: units(1)}
    assert not pick.whole


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from([AMOXICILLIN, ALCOHOL, STRANGER]))))
def test_no_sequence_of_scans_overfills_or_doubles(scans: list[tuple[int, Product]]) -> None:
    pick = PICK
    for serial, product in scans:
        pick = taken(pick, trace(serial, prefix=f"81012{product.sku[1]}5"), known(product))
    codes = [binding.code for binding in pick.bindings]
    assert len(codes) == len(set(codes))
    assert not pick.surplus()


@given(st.lists(st.sampled_from(PickState)))
def test_a_stopped_pick_never_moves_again(wanted: list[PickState]) -> None:
    for state in wanted:
        with pytest.raises(IllegalPickMove):
            move(PickState.STOPPED, state)

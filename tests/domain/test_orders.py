"""How an order and its refunds may move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import refunds
from domain.orders import MOVES, STAGE, IllegalMove, OrderState, move, progress
from domain.refunds import RefundState

states = st.sampled_from(OrderState)


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(OrderState)
    assert set(refunds.MOVES) == set(RefundState)


@given(states, states)
def test_our_own_steps_are_those_of_the_table(current: OrderState, wanted: OrderState) -> None:
    if wanted in MOVES[current]:
        assert move(current, wanted) is wanted
    else:
        with pytest.raises(IllegalMove):
            move(current, wanted)


@given(st.lists(states))
def test_reports_never_lead_back_and_their_order_does_not_matter(reports: list[OrderState]) -> None:
    state = OrderState.PLACED
    for report in reports:
        later = progress(state, report)
        assert STAGE[later] >= STAGE[state]
        state = later
    if OrderState.CANCELLED in reports and OrderState.COMPLETED not in reports:
        assert state is OrderState.CANCELLED


@given(states)
def test_nothing_follows_the_end(report: OrderState) -> None:
    assert progress(OrderState.COMPLETED, report) is OrderState.COMPLETED
    assert progress(OrderState.CANCELLED, report) is OrderState.CANCELLED


@pytest.mark.parametrize("final", [RefundState.WITHDRAWN, RefundState.PAID])
@given(report=st.sampled_from(RefundState))
def test_a_finished_refund_stays_finished(final: RefundState, report: RefundState) -> None:
    assert refunds.progress(final, report) is final


def test_a_late_repeat_of_the_request_does_not_reopen_an_agreed_refund() -> None:
    assert refunds.progress(RefundState.AGREED, RefundState.ASKED) is RefundState.AGREED

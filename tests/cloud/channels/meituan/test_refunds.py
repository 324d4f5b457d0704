"""Both dialects of refunds, on either URL."""

import pytest

from cloud.channels.base import NotUnderstood, Refunded, RefundedLine
from domain.refunds import RefundState
from tests.cloud.channels.meituan.forms import only, sample, understand

ID = "900000000000000123"
ASKED_AT = 1767228990000
THREE_HOURS = 10_800_000


def refunded(topic: str, name: str, **changed: str) -> Refunded:
    message = only(understand(topic, sample(name) | changed))
    assert isinstance(message, Refunded)
    return message


def test_a_full_refund_asked_for_must_be_answered_within_three_hours() -> None:
    assert refunded("refund", "full_refund") == Refunded(
        ID, "70002", RefundState.ASKED, True, None, (), "不想要了", ASKED_AT, ASKED_AT + THREE_HOURS
    )


@pytest.mark.parametrize("topic", ["refund", "part_refund"])
def test_a_part_refund_is_one_on_either_url(topic: str) -> None:
    lines = (RefundedLine("M0001", 1000),)
    assert refunded(topic, "part_refund") == Refunded(
        ID, "70001", RefundState.ASKED, False, 1250, lines, "商品买多了", ASKED_AT, ASKED_AT + THREE_HOURS
    )
    assert understand(topic, sample("part_refund")).key == f"refund:{ID}:70001:part::0:0"


def test_a_full_refund_is_one_on_either_url() -> None:
    assert refunded("part_refund", "full_refund").full is True
    assert refunded("part_refund", "full_refund", notify_type="agree").full is None


def test_what_customer_service_decides_the_store_need_not_answer() -> None:
    refund = refunded("refund", "full_refund", is_appeal="1")
    assert (refund.state, refund.answer_by) == (RefundState.APPEALED, None)


@pytest.mark.parametrize(
    ("notify_type", "state"),
    [
        ("agree", RefundState.AGREED),
        ("reject", RefundState.REFUSED),
        ("cancelRefund", RefundState.WITHDRAWN),
        ("cancelRefundComplaint", RefundState.REFUSED),
    ],
)
def test_notify_type_says_what_became_of_it(notify_type: str, state: RefundState) -> None:
    refund = refunded("refund", "full_refund", notify_type=notify_type)
    assert (refund.state, refund.answer_by) == (state, None)


@pytest.mark.parametrize(
    ("res_type", "state"),
    [("0", RefundState.ASKED), ("1", RefundState.REFUSED), ("5", RefundState.AGREED), ("7", RefundState.WITHDRAWN)],
)
def test_res_type_does_where_there_is_nothing_else(res_type: str, state: RefundState) -> None:
    assert refunded("refund", "full_refund", notify_type="", res_type=res_type).state is state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("1", RefundState.ASKED),
        ("10", RefundState.AGREED),
        ("11", RefundState.REFUSED),
        ("16", RefundState.APPEALED),
        ("21", RefundState.AGREED),
        ("28", RefundState.REFUSED),
        ("30", RefundState.WITHDRAWN),
    ],
)
def test_shops_with_the_returns_service_say_status(status: str, state: RefundState) -> None:
    assert refunded("refund", "full_refund_returngoods_store", status=status).state is state


@pytest.mark.parametrize(
    ("status", "state", "full"),
    [
        ("3", RefundState.PAID, True),
        ("4", RefundState.FAILED, True),
        ("13", RefundState.PAID, False),
        ("14", RefundState.FAILED, False),
    ],
)
def test_the_money(status: str, state: RefundState, full: bool) -> None:
    refund = refunded("refund_status", "refund_status", refund_status=status)
    assert (refund.state, refund.full, refund.amount) == (state, full, 1042)


def test_each_step_is_a_happening_of_its_own() -> None:
    steps = [
        {"notify_type": "reject", "res_type": "1"},
        {"notify_type": "apply", "is_appeal": "1"},
        {"notify_type": "reject", "res_type": "3"},
    ]
    assert len({understand("refund", sample("full_refund") | step).key for step in steps}) == 3


def test_an_old_full_refund_has_no_id_and_a_part_refund_must() -> None:
    assert refunded("refund", "full_refund", refund_id="").refund_id == "full"
    with pytest.raises(NotUnderstood, match="^refund_id: missing$"):
        refunded("refund", "part_refund", refund_id="")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"food": '[{"app_food_code":"M1","count":-1}]'}, r"food\[0\].count"),
        ({"food": "[{"}, "food: broken JSON"),
        ({"money": "abc"}, "money: expected an amount in yuan, got a text"),
        ({"notify_type": "sideways"}, "notify_type: not one that is documented"),
        ({"notify_type": "", "res_type": ""}, "res_type: missing"),
    ],
)
def test_what_cannot_be_read_is_named(changed: dict[str, str], says: str) -> None:
    with pytest.raises(NotUnderstood, match=f"^{says}"):
        refunded("part_refund", "part_refund", **changed)

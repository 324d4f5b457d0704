"""Intake: one effect however often and in whatever order pushes come, and no push spoils another's."""

import random

import pytest

from cloud import audit, chain, intake, tables
from cloud.channels.base import (
    Advanced,
    CallKind,
    Cancelled,
    Changed,
    Placed,
    Push,
    Refunded,
    RefundedLine,
    RiderCame,
    Urged,
)
from cloud.received import PushState, Received
from domain.events import (
    ExceptionOpened,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderUrged,
    RefundChanged,
    RiderMoved,
)
from domain.exceptions import ExceptionKind
from domain.orders import OrderState, RiderState
from domain.personal import Rider
from domain.quantity import units
from domain.refunds import RefundState
from tests.cloud.hub import OTHER_SHOP, STORE, Hub, channel_order, paid, pushed

AGREED = Refunded("1", "r1", RefundState.AGREED, False, 1250, (RefundedLine("sku1", units(1)),), "", None, None)
ALL_OF_ONE_ORDER = [
    paid(1, ("sku1", 2), ("sku2", 1)),
    pushed(1, Advanced("1", OrderState.ACCEPTED), "confirmed:1"),
    pushed(1, RiderCame("1", RiderState.ASSIGNED, Rider("李四", "13700000000")), "rider:1:assigned"),
    pushed(1, Urged("1"), "urge:1"),
    pushed(1, AGREED, "refund:r1:agreed"),
    pushed(1, Cancelled("1", "customer", ""), "cancelled:1"),
]


def test_a_paid_order_is_reserved_told_accepted_and_audited(hub: Hub) -> None:
    order_id = hub.place(12, ("sku1", 2), ("sku2", 1))

    assert hub.level("sku1").reserved == units(2)
    (placed,) = hub.told(OrderPlaced)
    assert isinstance(placed, OrderPlaced)
    assert (placed.order.order_id, placed.order.state, placed.order.day_number) == (order_id, OrderState.ACCEPTED, 12)
    assert hub.row(tables.calls).kind == CallKind.ACCEPT
    assert hub.row(tables.orders).placed_seq == hub.events()[-1].seq
    assert hub.events()[-1].personal[0].name == "recipient"
    assert any(row.action == "order.placed" and row.subject == order_id for row in hub.rows(tables.audit))
    hub.balanced()


@pytest.mark.parametrize("seed", range(3))
def test_each_push_ten_times_shuffled_has_one_effect(hub: Hub, seed: int) -> None:
    shuffled = ALL_OF_ONE_ORDER * 10
    random.Random(seed).shuffle(shuffled)
    for start in range(0, len(shuffled), 7):
        hub.accept(*shuffled[start : start + 7])

    assert len(hub.rows(tables.orders)) == 1
    assert len(hub.rows(tables.pushes)) == len(ALL_OF_ONE_ORDER)
    assert {row.state for row in hub.rows(tables.pushes)} == {"understood"}
    assert hub.row(tables.orders).state == OrderState.CANCELLED
    for kind in (OrderPlaced, OrderCancelled, OrderUrged, RiderMoved, RefundChanged):
        assert len(hub.told(kind)) == 1, kind
    assert hub.level("sku1").reserved == hub.level("sku2").reserved == 0
    hub.balanced()


def test_the_same_happening_with_another_body_is_flagged_and_changes_nothing(hub: Hub) -> None:
    hub.place(1, ("sku1", 1))
    other = pushed(1, Placed(channel_order(1, ("sku1", 9))), "paid:1")
    answers = [hub.accept(other)[0] for _ in range(3)]

    assert {answer.state for answer in answers} == {PushState.NEEDS_PERSON}
    assert sorted(row.state for row in hub.rows(tables.pushes)) == ["needs_person", "understood"]
    assert hub.level("sku1").reserved == units(1)


def test_a_push_waits_for_its_order_and_is_applied_after_it(hub: Hub) -> None:
    assert hub.say(5, Cancelled("5", "customer", ""), "cancelled:5").state is PushState.WAITING
    assert not hub.rows(tables.orders)
    order_id = hub.place(5, ("sku1", 3))

    assert hub.state(order_id) is OrderState.CANCELLED
    assert hub.level("sku1").reserved == 0
    assert {row.state for row in hub.rows(tables.pushes)} == {"understood"}


def test_whoever_brings_the_whole_order_first_places_it(hub: Hub) -> None:
    hub.say(6, Advanced("6", OrderState.ACCEPTED, channel_order(6, ("sku1", 1))), "confirmed:6")
    hub.place(6, ("sku1", 1))
    assert len(hub.told(OrderPlaced)) == 1
    assert hub.level("sku1").reserved == units(1)
    assert not hub.rows(tables.calls)  # accepted there already: nothing to ask for


def test_an_order_that_was_over_is_kept_but_not_told(hub: Hub) -> None:
    over = channel_order(7, ("sku1", 1), state=OrderState.COMPLETED)
    hub.say(7, Placed(over), "sweep:7")
    hub.say(7, Urged("7"), "urge:7")
    assert hub.row(tables.orders).state == OrderState.COMPLETED
    assert hub.level("sku1").reserved == 0
    assert not hub.told(OrderPlaced, OrderUrged)


def test_an_unknown_shop_needs_a_person_and_is_taken_in_again_once_bound(hub: Hub) -> None:
    (answer,) = hub.accept(paid(8, shop="nobody's"))
    assert answer.state is PushState.NEEDS_PERSON and "nobody's" in answer.problem
    push_id = hub.row(tables.pushes).push_id
    with hub.transaction() as tx:
        chain.put_shop(tx, "meituan", "nobody's", STORE)
        assert intake.again(tx, push_id, "老板").state is PushState.UNDERSTOOD
    assert hub.level("sku1").reserved == units(1)
    assert len(hub.told(OrderPlaced)) == 1


def test_what_nobody_understands_is_kept_once(hub: Hub) -> None:
    broken = Received(Push("meituan", "paid", "POST", "u", b"", b"\xff{", {}), None, "not UTF-8\0", 1)
    answers = hub.accept(broken) + hub.accept(broken)
    assert [answer.state for answer in answers] == [PushState.NEEDS_PERSON, PushState.REPEATED]
    assert hub.row(tables.pushes).problem.startswith("not UTF-8")
    with hub.transaction() as tx:
        intake.settle(tx, hub.row(tables.pushes).push_id, "老板")
    assert hub.row(tables.pushes).state == "settled"


def test_one_poisonous_push_leaves_the_others_of_its_group_whole(hub: Hub) -> None:
    poison = pushed(99, Placed(channel_order(99, ("sku2", 10**20))), "paid:99")
    group = [paid(number, ("sku2", 1), shop=OTHER_SHOP) for number in range(10)]
    late = [pushed(99, Urged("99"), "urge:99")]
    rest = [paid(number, ("sku2", 1)) for number in range(10, 18)]
    answers = hub.accept(*group, poison, *late, *rest)

    assert len(answers) == 20
    assert [answer.state for answer in answers].count(PushState.UNDERSTOOD) == 18
    assert answers[10].state is PushState.NEEDS_PERSON
    assert answers[11].state is PushState.WAITING
    assert len(hub.rows(tables.orders)) == 18
    assert len(hub.told(OrderPlaced)) == 8
    hub.balanced()
    with hub.database.read() as connection:
        assert audit.verify(connection, "康宁") == []


def test_duplicate_lines_are_summed_before_they_are_promised(hub: Hub) -> None:
    hub.place(1, ("sku1", 6), ("sku1", 6))
    assert hub.level("sku1").reserved == units(10)
    assert [row.short for row in hub.rows(tables.order_lines)] == [0, units(2)]
    opened = hub.told(ExceptionOpened)
    assert [one.exception.kind for one in opened if isinstance(one, ExceptionOpened)] == [ExceptionKind.SHORT]


def test_an_unknown_product_is_still_an_order(hub: Hub) -> None:
    hub.place(1, ("sku1", 1), ("什么", 1))
    opened = hub.told(ExceptionOpened)[0]
    assert isinstance(opened, ExceptionOpened)
    assert (opened.exception.kind, opened.exception.lines) == (ExceptionKind.UNKNOWN_PRODUCT, (2,))


def test_a_changed_order_is_reserved_again_by_difference(hub: Hub) -> None:
    hub.place(1, ("sku1", 4), ("sku2", 1))
    changed = channel_order(1, ("sku1", 2), ("sku3", 5))
    hub.say(1, Changed("1", changed), "changed:1")

    assert [hub.level(f"sku{number}").reserved for number in (1, 2, 3)] == [units(2), 0, units(5)]
    (told,) = hub.told(OrderChanged)
    assert isinstance(told, OrderChanged)
    assert [(one.line_id, one.sku, one.quantity) for one in told.order.lines] == [
        (1, "sku1", units(2)),
        (3, "sku3", units(5)),
    ]
    hub.balanced()


@pytest.mark.parametrize("lines", [(RefundedLine("sku9", units(1)),), (RefundedLine("sku1", units(9)),)])
def test_a_part_refund_of_what_the_order_does_not_have_asks_a_person(hub: Hub, lines: tuple[RefundedLine, ...]) -> None:
    """Nothing, or not all of it, can be struck: the picker would pick what was given back."""
    hub.place(1, ("sku1", 4))
    hub.say(1, Refunded("1", "r", RefundState.AGREED, False, 100, lines, "", None, None), "refund:r")
    (opened,) = hub.told(ExceptionOpened)
    assert isinstance(opened, ExceptionOpened)
    assert opened.exception.kind is ExceptionKind.REFUND_UNCLEAR
    hub.balanced()


def test_a_full_refund_before_handover_ends_the_order(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 4))
    asked = Refunded("1", "r", RefundState.ASKED, True, 5000, (), "不想要了", None, None)
    hub.say(1, asked, "refund:r:asked")
    assert hub.state(order_id) is OrderState.ACCEPTED
    hub.say(1, Refunded("1", "r", RefundState.PAID, None, None, (), "", None, None), "refund:r:paid")
    assert hub.state(order_id) is OrderState.CANCELLED
    assert hub.level("sku1").reserved == 0

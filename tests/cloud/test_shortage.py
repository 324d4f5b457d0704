"""The shelf has less than an order wants: what the channel is told, what becomes of the line, and what may not be."""

import msgspec
import pytest

from cloud import chain, policy, tables
from cloud.channels.base import CallKind, Changed, Placed
from domain.events import OrderChanged
from domain.modes import Mode
from domain.operations import ReportShort, ShortChoice
from domain.policy import ChainPolicy
from domain.products import Product
from domain.protocol import Outcome, OutcomeState
from domain.quantity import units
from tests.cloud.hub import STORE, Hub, channel_order, pushed
from tests.cloud.test_operations import picked

PART, GIVE_BACK, SUBSTITUTE = ShortChoice.PART_REFUND, ShortChoice.GIVE_BACK, ShortChoice.SUBSTITUTE


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """sku2 may stand in for sku1, and the chain allows it."""
    with hub.transaction() as tx:
        chain.put_product(tx, Product("sku1", "药品1", "0.25g*24粒", "盒", substitutes=("sku2",)))
        chain.put_product(tx, Product("sku2", "药品2", "0.5g*12粒", "盒", maker="联邦", prescription=True))
        policy.put(tx, ChainPolicy(substitution=True), by="test")
    return hub


def report(hub: Hub, order_id: str, missing: int, choice: ShortChoice, substitute: str = "") -> Outcome:
    return hub.do(ReportShort(order_id, 1, units(missing), choice, substitute))


def calls(hub: Hub) -> list[str]:
    return [row.kind for row in hub.rows(tables.calls) if row.kind != CallKind.ACCEPT]


def test_part_of_the_money_back(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 3))
    assert report(hub, order_id, 1, PART).state is OutcomeState.DONE
    (call,) = [row for row in hub.rows(tables.calls) if row.kind == CallKind.PART_REFUND]
    assert msgspec.json.decode(call.body)["lines"] == [{"channel_sku": "sku1", "quantity": units(1)}]
    assert hub.row(tables.audit, action="order.short").detail == "line 1: 1 missing, part_refund"


def test_the_whole_order_given_back(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 3))
    assert report(hub, order_id, 2, GIVE_BACK).state is OutcomeState.DONE
    assert calls(hub) == [CallKind.CANCEL]


def test_another_product_instead(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 3), ("sku3", 1))
    assert report(hub, order_id, 3, SUBSTITUTE, "sku2").state is OutcomeState.DONE
    (told,) = hub.told(OrderChanged)
    assert isinstance(told, OrderChanged)
    line = told.order.lines[0]
    assert (line.sku, line.name, line.maker, line.instead_of, line.quantity) == (
        "sku2", "药品2", "联邦", "sku1", units(3),
    )  # fmt: skip
    assert told.order.prescription, "what needs a pharmacist now, is shown to one"
    assert (hub.level("sku1").reserved, hub.level("sku2").reserved) == (0, units(3))
    assert calls(hub) == []
    hub.balanced()


def test_a_later_change_by_the_channel_keeps_what_was_agreed(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 3))
    report(hub, order_id, 3, SUBSTITUTE, "sku2")
    hub.say(1, Changed("1", channel_order(1, ("sku1", 2))), "changed:1")
    (row,) = hub.rows(tables.order_lines)
    assert (row.sku, row.instead_of, row.quantity) == ("sku2", "sku1", units(2))
    hub.balanced()


@pytest.mark.parametrize(
    ("missing", "substitute", "why"),
    [(2, "sku2", "整行替换"), (3, "sku3", "可替换"), (3, "sku404", "没有这个替换商品"), (4, "sku2", "缺货数量不对")],
)
def test_a_substitute_that_may_not_be(hub: Hub, missing: int, substitute: str, why: str) -> None:
    order_id = hub.place(1, ("sku1", 3))
    outcome = report(hub, order_id, missing, SUBSTITUTE, substitute)
    assert outcome.state is OutcomeState.REFUSED and why in outcome.reason
    assert hub.told(OrderChanged) == [] and hub.level("sku1").reserved == units(3)


def test_no_substitute_where_insurance_pays_or_the_chain_says_no(hub: Hub) -> None:
    insured = msgspec.structs.replace(channel_order(1, ("sku1", 1)), insurance=True)
    (placed,) = hub.accept(pushed(1, Placed(insured), "paid:1"))
    assert placed.order_id is not None
    assert "医保" in report(hub, placed.order_id, 1, SUBSTITUTE, "sku2").reason
    with hub.transaction() as tx:
        policy.put(tx, ChainPolicy(substitution=False), by="test")
    plain = hub.place(2, ("sku1", 1))
    assert "不允许换品" in report(hub, plain, 1, SUBSTITUTE, "sku2").reason


def test_what_is_packed_is_not_short(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    hub.do(picked(order_id, 1))
    assert report(hub, order_id, 1, PART).state is OutcomeState.REFUSED


def test_on_trial_no_channel_is_told(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    with hub.transaction() as tx:
        chain.set_mode(tx, STORE, Mode.SHADOW)
    assert report(hub, order_id, 1, PART).state is OutcomeState.REFUSED
    assert CallKind.PART_REFUND not in calls(hub)

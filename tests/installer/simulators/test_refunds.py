"""Refunds in both directions: asked by a customer, decided by us or by others, made by the merchant."""

import json

from tests.awaiting import until
from tests.installer.simulators.receiver import Caller, Receiver, error_code


async def accepted(caller: Caller) -> str:
    order_id = await caller.order("M0001", "M0002", lines=LINES)
    await caller.get("order/confirm", order_id=order_id)
    return order_id


LINES = [{"app_medicine_code": "M0001", "quantity": 2}, {"app_medicine_code": "M0002"}]
ONE = [{"app_medicine_code": "M0001", "quantity": 1}]


def story(receiver: Receiver, kind: str) -> list[tuple[str, str]]:
    return [(push.values["notify_type"], push.values["res_type"]) for push in receiver.of(kind)]


async def test_an_agreed_full_refund_ends_the_order(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    made = await caller.make(f"orders/{order_id}/refund", reason="买错了", wait=True)
    assert error_code(await caller.get("order/refund/agree", order_id=order_id, reason="同意")) is None
    await until(lambda: len(receiver.of("refund_status")) == 1)
    assert story(receiver, "refund") == [("apply", "0"), ("agree", "2")]
    money = receiver.of("refund_status")[0].values
    assert (money["refund_id"], money["refund_status"], money["money"]) == (made["refund_id"], "3", "36.0")
    assert await caller.state(order_id) == "cancelled"


async def test_a_rejected_refund_leaves_the_order_running(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    await caller.make(f"orders/{order_id}/refund", wait=True)
    assert error_code(await caller.get("order/refund/reject", order_id=order_id, reason="已出库")) is None
    await until(lambda: len(receiver.of("refund")) == 2)
    assert story(receiver, "refund") == [("apply", "0"), ("reject", "1")]
    assert receiver.of("refund_status") == []
    assert error_code(await caller.get("order/refund/agree", order_id=order_id, reason="同意")) == 808
    assert await caller.state(order_id) == "confirmed"


async def test_a_withdrawn_refund_cannot_be_decided(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    await caller.make(f"orders/{order_id}/refund", wait=True)
    await caller.make(f"orders/{order_id}/withdraw-refund", wait=True)
    assert story(receiver, "refund") == [("apply", "0"), ("cancelRefund", "7")]
    assert error_code(await caller.get("order/refund/agree", order_id=order_id, reason="同意")) == 808


async def test_silence_agrees_by_itself(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    await caller.make(f"orders/{order_id}/refund", wait=True)
    await caller.make(f"orders/{order_id}/settle-refund", res_type=5, wait=True)
    assert story(receiver, "refund") == [("apply", "0"), ("agree", "5")]


async def test_an_appeal_is_not_for_the_merchant(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    await caller.make(f"orders/{order_id}/refund", appeal=True, wait=True)
    assert receiver.of("refund")[0].values["is_appeal"] == "1"
    assert error_code(await caller.get("order/refund/agree", order_id=order_id, reason="同意")) == 808
    await caller.make(f"orders/{order_id}/settle-refund", res_type=3, wait=True)
    assert story(receiver, "refund")[-1] == ("reject", "3")


async def test_several_part_refunds_each_have_their_id(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    ids = set()
    for _ in range(2):
        made = await caller.make(f"orders/{order_id}/refund", lines=ONE, wait=True)
        await caller.get("order/refund/agree", order_id=order_id, reason="同意")
        ids.add(made["refund_id"])
    await until(lambda: len(receiver.of("refund_status")) == 2)
    assert story(receiver, "part_refund") == [("part", "0"), ("agree", "2")] * 2
    assert {push.values["refund_id"] for push in receiver.of("part_refund")} == ids
    assert [push.values["refund_status"] for push in receiver.of("refund_status")] == ["13", "13"]
    assert len(ids) == 2
    left = await caller.get("order/getPartRefundFoods", order_id=order_id)
    assert [(food["app_food_code"], food["count"]) for food in left.json()["data"]] == [("M0002", 1)]
    response = await caller.try_to(f"orders/{order_id}/refund", lines=ONE)
    assert response.json()["code"] == 808
    assert await caller.state(order_id) == "confirmed"


async def test_the_merchant_refunds_a_part_by_itself(caller: Caller, receiver: Receiver) -> None:
    order_id = await accepted(caller)
    food = json.dumps([{"app_food_code": "M0001", "sku_id": "M0001", "count": 2, "item_id": 1}])
    response = await caller.post("order/applyPartRefund", order_id=order_id, reason="缺货", food_data=food)
    assert error_code(response) is None
    await until(lambda: len(receiver.of("refund_status")) == 1)
    push = receiver.of("part_refund")[0].values
    assert (push["notify_type"], push["res_type"], push["money"]) == ("agree", "2", "30.0")
    assert json.loads(push["food"])[0]["count"] == 2
    assert receiver.of("refund_status")[0].values["refund_status"] == "13"


MISFITS = [
    ("no json", 705),
    ('[{"app_food_code":"M0001","count":0}]', 705),
    ('[{"app_food_code":"M0001","count":3}]', 808),
    ('[{"app_food_code":"M0009","count":1}]', 3004),
    ('[{"app_food_code":"M0001","count":1},{"app_food_code":"M0001","count":1}]', 705),
    ("[]", 705),
]


async def test_a_part_refund_that_does_not_fit_is_refused(caller: Caller) -> None:
    order_id = await accepted(caller)
    for food, code in MISFITS:
        response = await caller.post("order/applyPartRefund", order_id=order_id, reason="缺货", food_data=food)
        assert error_code(response) == code, food


async def test_a_completed_order_stays_completed_when_refunded(caller: Caller) -> None:
    order_id = await accepted(caller)
    await caller.make(f"orders/{order_id}/complete")
    await caller.make(f"orders/{order_id}/refund")
    await caller.make(f"orders/{order_id}/settle-refund", res_type=4)
    assert await caller.state(order_id) == "completed"

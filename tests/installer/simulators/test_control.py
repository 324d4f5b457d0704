"""What people and other tests can make happen."""

import json
from collections import Counter

import httpx
import msgspec

from installer.simulators.meituan import Config, Simulator
from installer.simulators.meituan.settings import CallbackUrls
from tests.awaiting import until
from tests.installer.simulators.receiver import Caller, Receiver


async def test_nothing_is_told_without_the_token(caller: Caller) -> None:
    for headers in ({}, {"Authorization": "Bearer control-toke"}, {"Authorization": "control-token"}):
        for path in ("", "orders", "pushes", "calls", "switches"):
            response = await caller.client.get(f"{caller.url}/control/{path}", headers=headers)
            assert response.status_code == 401
        made = await caller.client.post(f"{caller.url}/control/orders", json={}, headers=headers)
        assert made.status_code == 401


async def test_a_booked_order_with_gifts_and_an_unknown_product(caller: Caller, receiver: Receiver) -> None:
    lines = [{"app_medicine_code": "X1", "name": "未建档商品", "price_fen": 990, "quantity": 3}]
    gifts = [{"app_medicine_code": "M0002", "quantity": 2, "type": 5}]
    await caller.order(lines=lines, gifts=gifts, booked_minutes=90, self_pickup=True, empty_extra=True)
    values = receiver.of("paid")[0].values
    assert int(values["delivery_time"]) - int(values["ctime"]) == 5400
    assert values["pick_type"] == "1"
    assert json.loads(values["detail"])[0]["food_name"] == "未建档商品"
    extras = json.loads(values["extras"])
    assert extras[-1] == {}
    assert extras[-2]["type"] == 5
    assert extras[-2]["act_extend_msg"]["gifts_app_medicine_code"] == "M0002"


async def test_an_item_discount_lowers_the_price_and_is_an_activity(caller: Caller, receiver: Receiver) -> None:
    await caller.order(lines=[{"app_medicine_code": "M0001", "quantity": 2, "discount_fen": 250}])
    values = receiver.of("paid")[0].values
    line = json.loads(values["detail"])[0]
    assert (line["price"], line["original_price"]) == (12.5, "15.0")
    assert json.loads(values["extras"])[0]["reduce_fee"] == 5.0
    assert (values["total"], values["original_price"]) == ("25.0", "34.0")


async def test_every_third_order_ends_its_extras_with_an_empty_object(caller: Caller, receiver: Receiver) -> None:
    for _ in range(3):
        await caller.order()
    ends = [json.loads(push.values["extras"])[-1] for push in receiver.of("paid")]
    assert [end == {} for end in ends] == [False, False, True]


async def test_days_are_counted_per_shop(caller: Caller, receiver: Receiver) -> None:
    for shop in ("shop_0001", "shop_0002", "shop_0001"):
        await caller.order(shop=shop)
    assert [push.values["day_seq"] for push in receiver.of("paid")] == ["1", "1", "2"]


async def test_the_platform_accepts_by_itself(caller: Caller, receiver: Receiver) -> None:
    await caller.make("switches", auto_accept=True)
    order_id = await caller.order()
    await until(lambda: len(receiver.of("confirmed")) == 1)
    assert receiver.of("confirmed")[0].values["status"] == "4"
    assert await caller.state(order_id) == "confirmed"


async def test_the_customer_urges_changes_and_cancels(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order()
    await caller.make(f"orders/{order_id}/urge", wait=True)
    await caller.make(f"orders/{order_id}/change", caution="请电话 13800000002", booked_minutes=60, wait=True)
    await caller.make(f"orders/{order_id}/cancel", wait=True)
    assert receiver.of("urge")[0].values["order_id"] == order_id
    changed = receiver.of("changed")[0].values
    assert changed["caution"] == "请电话 13800000002"
    assert int(changed["delivery_time"]) > 0
    assert "recipient_phone" not in changed
    assert receiver.of("cancelled")[0].values["deal_op_type"] == "1"
    for deed in ("urge", "change", "cancel", "confirm", "refund"):
        assert (await caller.try_to(f"orders/{order_id}/{deed}")).status_code == 409


async def test_a_rider_only_moves_forward(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order()
    assert (await caller.try_to(f"orders/{order_id}/rider", logistics_status=10)).status_code == 409
    await caller.make(f"orders/{order_id}/confirm")
    for status in (10, 15, 100, 10, 20):
        await caller.make(f"orders/{order_id}/rider", logistics_status=status, wait=True)
    assert (await caller.try_to(f"orders/{order_id}/rider", logistics_status=15)).status_code == 409
    moves = [push.values["logistics_status"] for push in receiver.of("rider")]
    assert moves == ["10", "15", "100", "10", "20"]
    assert receiver.of("rider")[0].values["dispatcher_mobile"] == "13900000000_5678"


async def test_the_scripted_rider_brings_a_picked_order_to_its_end(caller: Caller, receiver: Receiver) -> None:
    await caller.make("switches", auto_rider=True)
    order_id = await caller.order()
    await caller.get("order/confirm", order_id=order_id)
    await caller.get("order/preparationMealComplete", order_id=order_id)
    await until(lambda: len(receiver.of("completed")) == 1)
    assert [push.values["logistics_status"] for push in receiver.of("rider")] == ["10", "15", "20", "40"]
    assert await caller.state(order_id) == "completed"


async def test_an_order_the_customer_fetches_completes_without_a_rider(caller: Caller, receiver: Receiver) -> None:
    await caller.make("switches", auto_rider=True)
    order_id = await caller.order(self_pickup=True)
    for deed in ("confirm", "pick"):
        await caller.make(f"orders/{order_id}/{deed}")
    await until(lambda: len(receiver.of("completed")) == 1)
    assert receiver.of("rider") == []


async def test_the_scripted_rider_gives_up_on_a_cancelled_order(caller: Caller, receiver: Receiver) -> None:
    await caller.make("switches", auto_rider=True, rider_step_seconds=0.1)
    order_id = await caller.order()
    await caller.make(f"orders/{order_id}/confirm")
    await caller.make(f"orders/{order_id}/pick")
    await until(lambda: len(receiver.of("rider")) == 1)
    await caller.make(f"orders/{order_id}/cancel")
    assert await caller.state(order_id) == "cancelled"


async def test_the_scripted_customer_orders_until_stopped(caller: Caller, simulator: Simulator) -> None:
    await caller.make("customer", orders_per_minute=6000, shops=["shop_0002"])
    await until(lambda: len(simulator.platform.orders) >= 20)
    await caller.make("customer", orders_per_minute=0)
    made = len(simulator.platform.orders)
    assert Counter(order.shop for order in simulator.platform.orders) == {"shop_0002": made}
    assert len({order.order_id for order in simulator.platform.orders}) == made
    await caller.order()
    assert len(simulator.platform.orders) == made + 1


async def test_nobody_orders_from_a_closed_shop(caller: Caller, simulator: Simulator) -> None:
    await caller.get("poi/close", app_poi_code="shop_0001")
    await caller.make("customer", orders_per_minute=6000)
    await until(lambda: len(simulator.platform.orders) >= 10)
    assert {order.shop for order in simulator.platform.orders} == {"shop_0002"}


IMPOSSIBLE: list[tuple[str, dict[str, object], int]] = [
    ("orders", {"shop": "nobody", "lines": [{"app_medicine_code": "M0001"}]}, 404),
    ("orders", {"shop": "shop_0001", "lines": []}, 400),
    ("orders", {"shop": "shop_0001", "lines": [{"app_medicine_code": "X"}]}, 409),
    ("orders", {"shop": "shop_0001", "lines": [{"app_medicine_code": "M0001"}], "tims": 2}, 400),
    ("orders/12/cancel", {}, 404),
    ("orders/12/explode", {}, 400),
    ("switches", {"throtle": 1}, 400),
    ("switches", {"throttle": -1}, 400),
    ("customer", {"orders_per_minute": 1, "shops": ["nobody"]}, 404),
    ("pushes/99/again", {}, 400),
]


async def test_a_wish_that_cannot_be_is_refused(caller: Caller) -> None:
    for path, wish, status in IMPOSSIBLE:
        response = await caller.try_to(path, **wish)
        assert response.status_code == status, response.text
        assert response.json()["error"]


async def test_a_kind_without_a_url_is_not_pushed(config: Config, receiver: Receiver) -> None:
    deaf = msgspec.structs.replace(config, callback_urls=CallbackUrls(paid=f"{receiver.url}/paid"))
    async with Simulator(deaf) as simulator, httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as client:
        caller = Caller(client, simulator.url)
        order_id = await caller.order()
        assert (await caller.make(f"orders/{order_id}/urge"))["pushes"] == []
    assert [push.path for push in receiver.received] == ["/paid"]

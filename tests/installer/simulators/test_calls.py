"""What the platform says to the hub's calls, right and wrong ones."""

import json
import time

import msgspec

from installer.simulators.meituan import Simulator
from installer.simulators.meituan.orderbook import beijing_day
from installer.simulators.meituan.settings import Config
from tests.installer.simulators.receiver import APP_ID, Caller, Receiver, digest, error_code


async def test_an_order_is_received_confirmed_and_picked(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order()
    assert (await caller.get("order/poi_received", order_id=order_id)).json() == {"data": "ok"}
    assert error_code(await caller.get("order/confirm", order_id=order_id)) is None
    assert await caller.state(order_id) == "confirmed"
    assert error_code(await caller.get("order/preparationMealComplete", order_id=order_id)) is None
    assert await caller.state(order_id) == "picked"


async def test_what_was_done_cannot_be_done_again(caller: Caller) -> None:
    order_id = await caller.order()
    assert error_code(await caller.get("order/preparationMealComplete", order_id=order_id)) == 808
    await caller.get("order/confirm", order_id=order_id)
    assert error_code(await caller.get("order/confirm", order_id=order_id)) == 808


async def test_an_order_from_elsewhere_is_unknown_or_taken_as_the_config_says(caller: Caller, config: Config) -> None:
    stranger = "900000000000000999"
    assert error_code(await caller.get("order/confirm", order_id=stranger)) == 806
    async with Simulator(msgspec.structs.replace(config, takes_strangers=True)) as open_to_all:
        open_caller = Caller(caller.client, open_to_all.url)
        for deed in ("order/confirm", "order/preparationMealComplete"):
            assert error_code(await open_caller.get(deed, order_id=stranger)) is None
        assert error_code(await open_caller.get("order/getOrderDetail", order_id=stranger)) == 806


async def test_parameters_may_come_in_query_or_body(caller: Caller) -> None:
    order_id = await caller.order()
    assert error_code(await caller.post("order/confirm", order_id=order_id)) is None
    values = caller.signed("order/preparationMealComplete", {"order_id": order_id, "version": "1.0"})
    response = await caller.client.post(f"{caller.url}/api/v1/order/preparationMealComplete", data=values)
    assert error_code(response) is None


WRONGLY_SIGNED: list[tuple[dict[str, str], int]] = [
    ({"sig": "0" * 32}, 703),
    ({"app_id": "1"}, 702),
    ({"timestamp": ""}, 701),
    ({"sig": ""}, 701),
    ({"timestamp": "yesterday"}, 705),
    ({"order_id": "900000000000000124"}, 703),
]


async def test_a_call_that_is_not_signed_right_does_nothing(caller: Caller) -> None:
    order_id = await caller.order()
    for change, code in WRONGLY_SIGNED:
        values = caller.signed("order/confirm", {"order_id": order_id}) | change
        response = await caller.client.get(f"{caller.url}/api/v1/order/confirm", params=values)
        assert error_code(response) == code, change
    assert await caller.state(order_id) == "paid"


async def test_a_parameter_outside_the_signature_is_noticed(caller: Caller) -> None:
    order_id = await caller.order()
    values = caller.signed("order/confirm", {"order_id": order_id}) | {"extra": ""}
    response = await caller.client.get(f"{caller.url}/api/v1/order/confirm", params=values)
    assert error_code(response) == 703


async def test_values_are_signed_as_raw_text(caller: Caller) -> None:
    order_id = await caller.order()
    response = await caller.get("order/cancel", order_id=order_id, reason="缺货 100% a+b", reason_code="2009")
    assert error_code(response) is None


BAD_CALLS: list[tuple[str, dict[str, str], int]] = [
    ("order/confirm", {}, 701),
    ("order/confirm", {"order_id": ""}, 701),
    ("order/confirm", {"order_id": "twelve"}, 705),
    ("order/confirm", {"order_id": "1" * 30}, 705),
    ("order/confirm", {"order_id": "900000000000000123"}, 806),
    ("order/getOrderDaySeq", {"app_poi_code": "nobody"}, 803),
    ("poi/close", {"app_poi_code": "nobody"}, 803),
    ("order/cancel", {"order_id": "1", "reason": "x", "reason_code": "7"}, 705),
    ("order/nonsense", {}, 708),
]


async def test_bad_calls_are_refused_with_their_code(caller: Caller) -> None:
    for path, params, code in BAD_CALLS:
        assert error_code(await caller.get(path, **params)) == code, (path, params)


async def test_bytes_that_are_no_text_are_refused(caller: Caller) -> None:
    response = await caller.client.get(f"{caller.url}/api/v1/order/confirm?order_id=%ff")
    assert error_code(response) == 705


async def test_a_cancelled_order_is_told_with_the_merchant_as_its_author(
    caller: Caller, receiver: Receiver, simulator: Simulator
) -> None:
    order_id = await caller.order()
    await caller.get("order/cancel", order_id=order_id, reason="缺货", reason_code="2009")
    await caller.make(f"orders/{order_id}/push", wait=True)
    values = receiver.of("cancelled")[0].values
    assert (values["deal_op_type"], values["reason_code"], values["reason"]) == ("2", "2009", "缺货")
    assert error_code(await caller.get("order/confirm", order_id=order_id)) == 808


async def test_self_delivery_goes_out_and_arrives(caller: Caller) -> None:
    order_id = await caller.order()
    await caller.get("order/confirm", order_id=order_id)
    assert error_code(await caller.get("order/arrived", order_id=order_id)) == 808
    assert error_code(await caller.get("order/delivering", order_id=order_id)) is None
    assert error_code(await caller.get("order/arrived", order_id=order_id)) is None
    assert await caller.state(order_id) == "delivered"


async def test_detail_and_status_tell_the_same_as_the_push(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order("M0001", "M0002", prescription=True)
    pushed = receiver.of("paid")[0].values
    detail = (await caller.get("order/getOrderDetail", order_id=order_id)).json()["data"]
    assert detail["order_id"] == int(order_id)
    assert detail["order_tag_list"] == [8]
    assert detail["detail"] == pushed["detail"]
    assert json.loads(detail["extras"]) == json.loads(pushed["extras"])
    assert (await caller.get("order/viewstatus", order_id=order_id)).json() == {"data": {"status": 2}}


async def test_day_counts_find_every_order_of_a_shop(caller: Caller) -> None:
    made = [await caller.order() for _ in range(3)]
    await caller.order(shop="shop_0002")
    seq = (await caller.get("order/getOrderDaySeq", app_poi_code="shop_0001")).json()
    assert seq == {"data": {"result": "ok", "day_seq": 3}}
    today = str(beijing_day(int(time.time())))
    for count, order_id in enumerate(made, start=1):
        found = await caller.get(
            "order/getOrderIdByDaySeq", app_poi_code="shop_0001", date_time=today, day_seq=str(count)
        )
        assert found.json() == {"data": {"result": "ok", "order_id": int(order_id)}}
    none = await caller.get("order/getOrderIdByDaySeq", app_poi_code="shop_0001", date_time=today, day_seq="4")
    assert error_code(none) == 806


async def test_orders_whose_push_never_came_are_abnormal(caller: Caller) -> None:
    unheard = [await caller.order(push=False) for _ in range(2)]
    await caller.order()
    window = {"start_time": str(int(time.time()) - 60), "end_time": str(int(time.time()) + 60), "type": "1"}
    everything = await caller.post("order/batchFetchAbnormalOrder", offset="0", limit="50", **window)
    assert everything.json() == {"data": [int(each) for each in unheard]}
    page = await caller.post("order/batchFetchAbnormalOrder", offset="1", limit="1", **window)
    assert page.json() == {"data": [int(unheard[1])]}


async def stock(caller: Caller, rows: object) -> dict[str, object]:
    response = await caller.post("medicine/stock", app_poi_code="shop_0001", medicine_data=json.dumps(rows))
    answer: dict[str, object] = response.json()
    return answer


async def test_stock_rows_are_good_or_bad_one_by_one(caller: Caller, simulator: Simulator) -> None:
    good = {"app_medicine_code": "M0001", "stock": 7}
    assert await stock(caller, [good]) == {"result_code": 1, "data": "ok"}
    assert simulator.platform.stock["shop_0001", "M0001"] == 7
    partial = await stock(
        caller, [{"app_medicine_code": "M0002", "stock": "3"}, {"app_medicine_code": "X", "stock": 1}]
    )
    assert partial == {
        "result_code": 2,
        "data": "ok",
        "success_list": '["M0002"]',
        "error_list": '[{"app_medicine_code":"X","code":3004,"msg":"不存在此药品"}]',
    }
    for bad in (-1, 100_000, "many"):
        assert (await stock(caller, [good | {"stock": bad}]))["result_code"] == 3
    assert (await stock(caller, [good, good]))["result_code"] == 2
    assert simulator.platform.stock["shop_0001", "M0001"] == 7


async def test_a_stock_call_that_makes_no_sense_is_refused_whole(caller: Caller) -> None:
    row = {"app_medicine_code": "M0001", "stock": 1}
    for rows in ([], "no", [{"stock": 1}], [row] * 201):
        assert "error" in await stock(caller, rows)


async def test_shops_close_and_open(caller: Caller, simulator: Simulator) -> None:
    assert error_code(await caller.post("poi/close", app_poi_code="shop_0001")) is None
    assert simulator.platform.closed_shops == {"shop_0001"}
    assert error_code(await caller.post("poi/open", app_poi_code="shop_0001")) is None
    assert simulator.platform.closed_shops == set()


async def test_throttled_calls_are_answered_711_and_not_done(caller: Caller) -> None:
    order_id = await caller.order()
    await caller.make("switches", throttle=2)
    codes = [error_code(await caller.get("order/confirm", order_id=order_id)) for _ in range(3)]
    assert codes == [711, 711, None]


async def test_failing_calls_answer_500_and_are_not_done(caller: Caller) -> None:
    order_id = await caller.order()
    await caller.make("switches", fail=1)
    assert (await caller.get("order/confirm", order_id=order_id)).status_code == 500
    assert await caller.state(order_id) == "paid"
    await caller.make("switches", fail=1, fail_as="hang", hang_seconds=0.3)
    begun = time.monotonic()
    assert (await caller.get("order/confirm", order_id=order_id)).status_code == 500
    assert time.monotonic() - begun >= 0.3


async def test_calls_are_kept_with_their_verdict(caller: Caller) -> None:
    order_id = await caller.order()
    await caller.get("order/confirm", order_id=order_id)
    await caller.get("order/confirm", order_id=order_id)
    first, second = await caller.look("calls", path="order/confirm")
    assert isinstance(first["params"], dict)
    assert first["params"]["order_id"] == order_id
    assert first["verdict"] == "ok"
    assert str(second["verdict"]).startswith("808 ")


async def test_a_hub_behind_a_proxy_signs_the_public_url(simulator: Simulator, caller: Caller) -> None:
    order_id = await caller.order()
    simulator.platform.config = msgspec.structs.replace(simulator.platform.config, public_url="https://mt.example.com/")
    values = {"app_id": APP_ID, "timestamp": str(int(time.time())), "order_id": order_id}
    values["sig"] = digest("https://mt.example.com/api/v1/order/confirm", values)
    response = await caller.client.get(f"{caller.url}/api/v1/order/confirm", params=values)
    assert error_code(response) is None

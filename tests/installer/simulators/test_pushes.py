"""What the hub receives, byte by byte."""

import json
from itertools import pairwise
from urllib.parse import unquote_plus

from installer.simulators.meituan import Simulator
from tests.awaiting import until
from tests.installer.simulators.receiver import OK, Caller, Receiver, digest

BIG = {"recipient": {"name": "🌸小鹿(女士)", "address": "百分百 100%+1栋@#测试"}}


def check_signed(receiver: Receiver, kind: str) -> dict[str, str]:
    values = receiver.of(kind)[-1].values
    sig = values.pop("sig")
    assert sig == digest(f"{receiver.url}/{kind}", values)
    return values | {"sig": sig}


async def test_a_paid_order_arrives_encoded_twice_and_signed(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order("M0001", **BIG)
    push = receiver.of("paid")[0]
    assert push.method == "POST"
    assert push.once["recipient_address"] == "%E7%99%BE%E5%88%86%E7%99%BE+100%25%2B1%E6%A0%8B%40%23%E6%B5%8B%E8%AF%95"
    values = check_signed(receiver, "paid")
    assert values["recipient_address"] == "百分百 100%+1栋@#测试"
    assert values["recipient_name"] == "🌸小鹿(女士)"
    assert values["order_id"] == order_id
    assert len(order_id) == 18
    assert int(order_id) > 2**53
    assert values["shipper_phone"] == ""
    assert values["day_seq"] == "1"
    assert json.loads(values["detail"])[0]["app_medicine_code"] == "M0001"


async def test_encoded_once_the_ordinary_decode_is_enough(caller: Caller, receiver: Receiver) -> None:
    await caller.order("M0001", encoding="once", **BIG)
    once = receiver.of("paid")[0].once
    sig = once.pop("sig")
    assert once["recipient_address"] == "百分百 100%+1栋@#测试"
    assert sig == digest(f"{receiver.url}/paid", once)


async def test_the_switch_sets_the_encoding_for_all(caller: Caller, receiver: Receiver) -> None:
    await caller.make("switches", encoding="once", omit=["recipient_name", "estimate_arrival_time"])
    await caller.order("M0001")
    once = receiver.of("paid")[0].once
    assert once["wm_poi_name"] == "示例大药房(测试路店)"
    assert "recipient_name" not in once
    assert "estimate_arrival_time" not in once


async def test_a_wrong_signature_is_wrong(caller: Caller, receiver: Receiver) -> None:
    await caller.order("M0001", wrong_signature=True)
    values = receiver.of("paid")[0].values
    assert values.pop("sig") != digest(f"{receiver.url}/paid", values)


async def test_fields_can_be_left_out_replaced_and_added(caller: Caller, receiver: Receiver) -> None:
    await caller.order("M0001", omit=["day_seq"], replace={"app_poi_code": "nobody", "detail": "{broken"})
    values = check_signed(receiver, "paid")
    assert "day_seq" not in values
    assert values["app_poi_code"] == "nobody"
    assert values["detail"] == "{broken"


async def test_a_push_without_its_order_id_is_still_known_as_its_orders(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order("M0001", omit=["order_id"])
    assert "order_id" not in receiver.of("paid")[0].values
    assert [push["state"] for push in await caller.look("pushes", order_id=order_id)] == ["answered"]


async def test_a_get_push_carries_the_same_values_in_its_query(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order()
    await caller.make(f"orders/{order_id}/cancel", method="GET", wait=True)
    assert receiver.of("cancelled")[0].method == "GET"
    values = check_signed(receiver, "cancelled")
    assert (values["reason_code"], values["reason"], values["deal_op_type"]) == ("1103", "用户取消", "1")


async def test_the_same_push_several_times_is_the_same_text(caller: Caller, receiver: Receiver) -> None:
    await caller.order("M0001", times=3)
    bodies = {push.body for push in receiver.of("paid")}
    assert len(receiver.of("paid")) == 3
    assert len(bodies) == 1


async def test_a_push_can_be_sent_again_byte_for_byte(caller: Caller, receiver: Receiver) -> None:
    await caller.order("M0001")
    await caller.make("pushes/1/again")
    await until(lambda: len(receiver.of("paid")) == 2)
    first, second = receiver.of("paid")
    assert first.body == second.body


async def test_an_unanswered_push_comes_again_until_ok(
    caller: Caller, receiver: Receiver, simulator: Simulator
) -> None:
    receiver.answers = [(500, b"busy"), (200, b'{"data":"ng"}'), OK]
    order_id = await caller.order("M0001")
    await until(lambda: simulator.platform.pusher.sent[0].state == "answered")
    assert len({push.body for push in receiver.of("paid")}) == 1
    push = (await caller.look("pushes", order_id=order_id))[0]
    attempts = push["attempts"]
    assert isinstance(attempts, list)
    assert [attempt["status"] for attempt in attempts] == [500, 200, 200]
    assert attempts[0]["body"] == "busy"


async def test_retries_end(caller: Caller, receiver: Receiver, simulator: Simulator) -> None:
    receiver.answers = [(404, b"")] * 9
    await caller.order("M0001")
    await until(lambda: simulator.platform.pusher.sent[0].state == "unanswered")
    assert len(receiver.of("paid")) == 3


async def test_news_of_one_order_waits_for_the_first_answer_to_the_news_before(
    caller: Caller, receiver: Receiver
) -> None:
    receiver.thinking = 0.1
    order_id = await caller.order("M0001", wait=False)
    for deed in ("confirm", "pick", "complete"):
        await caller.make(f"orders/{order_id}/{deed}")
    await until(lambda: len(receiver.received) == 4)
    assert [push.path for push in receiver.received] == ["/paid", "/confirmed", "/pick_finished", "/completed"]
    assert all(later.at - earlier.at >= 0.1 for earlier, later in pairwise(receiver.received))
    assert [push.values.get("status") for push in receiver.received] == ["2", "4", None, "8"]


async def test_a_dropped_push_never_leaves(caller: Caller, receiver: Receiver) -> None:
    await caller.make("switches", drop=1)
    await caller.order("M0001")
    second = await caller.order("M0001")
    assert [push.values["order_id"] for push in receiver.of("paid")] == [second]
    assert [push["state"] for push in await caller.look("pushes")] == ["dropped", "answered"]


async def test_a_heartbeat_carries_nothing(caller: Caller, receiver: Receiver) -> None:
    await caller.make("heartbeat", kind="refund", wait=True)
    assert receiver.of("refund")[0].body == b""


async def test_a_late_push_is_overtaken(caller: Caller, receiver: Receiver) -> None:
    order_id = await caller.order("M0001", delay_seconds=0.2, wait=False)
    await caller.make(f"orders/{order_id}/confirm", wait=True)
    await until(lambda: len(receiver.received) == 2)
    assert [push.path for push in receiver.received] == ["/confirmed", "/paid"]


async def test_any_text_survives_both_decodings(caller: Caller, receiver: Receiver) -> None:
    for text in ("a b", "1+1", "100%", "%2B", "药", "🌸"):
        await caller.order("M0001", caution=text)
        assert unquote_plus(receiver.of("paid")[-1].once["caution"]) == text
        assert check_signed(receiver, "paid")["caution"] == text

"""Finding what no push brought, over real HTTP."""

import json
from collections.abc import Callable, Mapping

import pytest

from cloud.channels.base import Advanced, Cancelled, ChannelError, Message, Placed, RiderCame
from cloud.channels.meituan import MeituanChannel, Settings
from domain.orders import OrderState, RiderState
from domain.personal import Rider
from tests.cloud.channels.meituan.forms import NOW, SAMPLES, SECRET, only, sample, understand
from tests.cloud.channels.meituan.platform import Platform, ng

FIRST, SECOND, ABNORMAL = 900000000000000123, 900000000000000124, 900000000000000199


def detail(**changed: object) -> dict[str, object]:
    told: dict[str, dict[str, object]] = json.loads(
        (SAMPLES / "meituan_getOrderDetail.response.json").read_text(encoding="utf-8")
    )
    return {"data": told["data"] | changed}


def details(orders: Mapping[int, dict[str, object]]) -> Callable[[dict[str, str]], object]:
    def answer(params: dict[str, str]) -> object:
        order_id = int(params["order_id"])
        return detail(order_id=order_id, **orders[order_id]) if order_id in orders else ng(806)

    return answer


def numbers(ids: Mapping[str, int]) -> Callable[[dict[str, str]], object]:
    def answer(params: dict[str, str]) -> object:
        order_id = ids.get(f"{params['date_time']}:{params['day_seq']}")
        return ng(806) if order_id is None else {"data": {"result": "ok", "order_id": order_id}}

    return answer


@pytest.fixture
def day(platform: Platform) -> Platform:
    """2026-01-01 in China: two orders with numbers, and one that only the list of abnormal ones knows."""
    platform.answers |= {
        "order/getOrderDaySeq": {"data": {"result": "ok", "day_seq": 2}},
        "order/getOrderIdByDaySeq": numbers({"20260101:1": FIRST, "20260101:2": SECOND}),
        "order/batchFetchAbnormalOrder": {"data": [ABNORMAL, FIRST]},
        "order/getOrderDetail": details({FIRST: {}, SECOND: {"status": 4}, ABNORMAL: {"status": 9}}),
    }
    return platform


async def swept(channel: MeituanChannel, since: int = NOW) -> list[Message]:
    return [message async for message in channel.sweep("shop_0001", since)]


def paths(platform: Platform) -> list[str]:
    return [asked.path.removeprefix("order/") for asked in platform.asked]


async def test_a_detail_says_the_same_as_the_push(day: Platform, meituan: MeituanChannel) -> None:
    pushed = only(understand("paid", sample("paid_order")))
    assert isinstance(pushed, Placed)
    assert await meituan.detail(str(FIRST)) == pushed.order
    assert await meituan.detail("1") is None


async def test_each_order_is_told_by_its_state(day: Platform, meituan: MeituanChannel) -> None:
    placed, accepted, cancelled = await swept(meituan)
    assert isinstance(placed, Placed)
    assert placed.order.channel_order_id == str(FIRST)
    assert isinstance(accepted, Advanced)
    assert (accepted.state, accepted.channel_order_id) == (OrderState.ACCEPTED, str(SECOND))
    assert accepted.order is not None
    assert cancelled == Cancelled(str(ABNORMAL), "system", "")


async def test_the_rider_is_told_too(day: Platform, meituan: MeituanChannel) -> None:
    rider = {"logistics_status": 15, "logistics_dispatcher_name": "骑手", "logistics_dispatcher_mobile": "139_1"}
    day.answers["order/getOrderDetail"] = details({FIRST: rider, SECOND: rider | {"status": 8}})
    messages = [message for message in await swept(meituan) if isinstance(message, RiderCame)]
    assert messages == [RiderCame(str(FIRST), RiderState.AT_STORE, Rider("骑手", "139_1"))]


async def test_known_orders_cost_one_cheap_query_once(day: Platform) -> None:
    settings = Settings(app_id="4012", secret=SECRET, base_url=day.base_url)
    channel = MeituanChannel(settings, clock=lambda: NOW, known=lambda order_id: True)
    assert await swept(channel) == []
    assert sorted(paths(day)) == [
        "batchFetchAbnormalOrder",
        "getOrderDaySeq",
        "getOrderIdByDaySeq",
        "getOrderIdByDaySeq",
    ]
    day.asked.clear()
    assert await swept(channel) == []
    assert sorted(paths(day)) == ["batchFetchAbnormalOrder", "getOrderDaySeq"]
    await channel.close()


async def test_yesterday_is_walked_until_its_numbers_end(day: Platform, meituan: MeituanChannel) -> None:
    day.answers["order/getOrderIdByDaySeq"] = numbers({"20251231:1": FIRST, "20251231:3": SECOND})
    messages = await swept(meituan, NOW - 86_400_000)
    assert [type(message) for message in messages] == [Placed, Advanced, Cancelled]
    asked = [asked.params for asked in day.asked if asked.path == "order/getOrderIdByDaySeq"]
    assert [each["day_seq"] for each in asked if each["date_time"] == "20251231"] == ["1", "2", "3", "4", "5", "6"]


async def test_an_unpaid_order_and_one_of_another_shop_are_left_alone(day: Platform, meituan: MeituanChannel) -> None:
    day.answers["order/getOrderDetail"] = details({FIRST: {"status": 1}, SECOND: {"app_poi_code": "shop_0002"}})
    assert await swept(meituan) == []


async def test_an_order_that_cannot_be_read_hides_no_other(
    day: Platform, meituan: MeituanChannel, caplog: pytest.LogCaptureFixture
) -> None:
    day.answers["order/getOrderDetail"] = details({FIRST: {"detail": "[{"}, SECOND: {}})
    assert len(await swept(meituan)) == 1
    assert f"order {FIRST} is not understood: detail: broken JSON" in caplog.text


async def test_no_list_of_abnormal_orders_is_no_obstacle(day: Platform, meituan: MeituanChannel) -> None:
    day.answers["order/batchFetchAbnormalOrder"] = ng(708)
    assert len(await swept(meituan)) == 2


async def test_a_platform_that_cannot_be_asked_is_said_so_and_may_be_asked_again(
    day: Platform, meituan: MeituanChannel
) -> None:
    day.answers["order/getOrderDetail"] = ng(711)
    with pytest.raises(ChannelError, match="711") as caught:
        await swept(meituan)
    assert caught.value.retryable


@pytest.mark.parametrize("answer", [{"data": "ok"}, {"data": [7]}, (200, b"[]"), {"data": {"day_seq": "x"}}])
async def test_a_strange_answer_is_one_of_our_errors(day: Platform, meituan: MeituanChannel, answer: object) -> None:
    day.answers["order/getOrderDaySeq"] = answer
    with pytest.raises(ChannelError):
        await swept(meituan)
    day.answers["order/getOrderDetail"] = answer
    with pytest.raises(ChannelError):
        await meituan.detail("5")

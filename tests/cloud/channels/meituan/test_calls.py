"""Our calls over real HTTP, and what the outbox is told of every kind of answer."""

import json

import pytest

from cloud.channels.base import Call, CallKind, CallResult, CallState, RefundedLine
from cloud.channels.meituan import MeituanChannel, Settings
from tests.cloud.channels.meituan.forms import NOW, SECRET
from tests.cloud.channels.meituan.platform import Platform, ng

ID = "900000000000000123"
ACCEPT = Call(CallKind.ACCEPT, "shop_0001", ID)
LINES = (RefundedLine("M0001", 2000),)
PART_REFUND = Call(CallKind.PART_REFUND, "shop_0001", ID, reason="缺货", lines=LINES)


@pytest.mark.parametrize(
    ("call", "method", "path", "params"),
    [
        (ACCEPT, "GET", "order/confirm", {"order_id": ID}),
        (Call(CallKind.PICKED, "s", ID), "GET", "order/preparationMealComplete", {"order_id": ID}),
        (
            Call(CallKind.CANCEL, "s", ID, reason="缺 货&=+%"),
            "GET",
            "order/cancel",
            {"order_id": ID, "reason": "缺 货&=+%", "reason_code": "2007"},
        ),
        (
            Call(CallKind.AGREE_REFUND, "s", ID, "7"),
            "GET",
            "order/refund/agree",
            {"order_id": ID, "reason": "同意退款"},
        ),
        (
            Call(CallKind.REFUSE_REFUND, "s", ID, "7", "已发货"),
            "GET",
            "order/refund/reject",
            {"order_id": ID, "reason": "已发货"},
        ),
        (
            PART_REFUND,
            "POST",
            "order/applyPartRefund",
            {"order_id": ID, "reason": "缺货", "food_data": '[{"app_food_code":"M0001","sku_id":"M0001","count":2}]'},
        ),
    ],
)
async def test_each_call_in_the_platforms_words(
    platform: Platform, meituan: MeituanChannel, call: Call, method: str, path: str, params: dict[str, str]
) -> None:
    assert await meituan.call(call) == CallResult(CallState.DONE)
    (asked,) = platform.asked
    assert (asked.method, asked.path, asked.params) == (method, path, params)
    assert asked.query["timestamp"] == str(NOW // 1000)
    assert bool(asked.body) is (method == "POST")


@pytest.mark.parametrize(
    ("answer", "state", "said", "retry_after"),
    [
        (ng(808, "状态已变更"), CallState.ALREADY, "808 状态已变更", None),
        (ng(1001), CallState.ALREADY, "1001", None),
        (ng(711, "过于频繁"), CallState.LATER, "711 过于频繁", 5.0),
        (ng(700), CallState.LATER, "700", None),
        *((ng(code, "x"), CallState.REFUSED, f"{code} x", None) for code in (702, 703, 704, 705, 708, 803, 806, 1022)),
        ({"data": "ng"}, CallState.REFUSED, "refused with HTTP status 200 and no reason", None),
        ((500, b"oops"), CallState.LATER, "the platform answered with HTTP status 500", None),
        ((503, ng(700, "系统")), CallState.LATER, "700 系统", None),
        ((429, b""), CallState.LATER, "the platform answered with HTTP status 429", None),
        ((404, b"not here"), CallState.REFUSED, "refused with HTTP status 404 and no reason", None),
        ((200, b"<html>"), CallState.LATER, "HTTP status 200 with an answer that is not the platform's JSON", None),
        (
            (200, b'{"data":"ng","error":{"code":[],"msg":{}}}'),
            CallState.LATER,
            "HTTP status 200 with an answer that is not the platform's JSON",
            None,
        ),
    ],
)
async def test_what_an_answer_means(
    platform: Platform, meituan: MeituanChannel, answer: object, state: CallState, said: str, retry_after: float | None
) -> None:
    platform.answers["order/confirm"] = answer
    assert await meituan.call(ACCEPT) == CallResult(state, said, retry_after)


async def test_a_wrong_secret_is_refused_with_the_platforms_word(platform: Platform) -> None:
    channel = MeituanChannel(Settings(app_id="4012", secret="other", base_url=platform.base_url), clock=lambda: NOW)
    assert await channel.call(ACCEPT) == CallResult(CallState.REFUSED, "703 签名验证错误")
    await channel.close()


async def test_silence_is_unknown_and_a_closed_port_is_later(platform: Platform) -> None:
    platform.answers["order/confirm"] = platform.answers["order/applyPartRefund"] = None
    settings = Settings(app_id="4012", secret=SECRET, base_url=platform.base_url, timeout_seconds=0.1)
    channel = MeituanChannel(settings, clock=lambda: NOW)
    assert (await channel.call(ACCEPT)).state is CallState.LATER
    part = await channel.call(PART_REFUND)
    assert part.state is CallState.REFUSED, "said again it might be paid twice"
    assert part.said.startswith("unknown whether the refund was made")
    await channel.close()
    nowhere = MeituanChannel(Settings(app_id="4012", secret=SECRET, base_url="http://127.0.0.1:1/"), clock=lambda: NOW)
    assert (await nowhere.call(PART_REFUND)).state is CallState.LATER
    await nowhere.close()


@pytest.mark.parametrize("lines", [(), (RefundedLine("M1", 500),)])
async def test_part_of_a_pack_cannot_be_refunded(
    platform: Platform, meituan: MeituanChannel, lines: tuple[RefundedLine, ...]
) -> None:
    result = await meituan.call(Call(CallKind.PART_REFUND, "s", ID, lines=lines))
    assert (result.state, platform.asked) == (CallState.REFUSED, [])


async def test_stock_goes_in_batches_of_200_between_0_and_99999(platform: Platform, meituan: MeituanChannel) -> None:
    stock = (("LOW", -5), ("HIGH", 10**6), *((f"M{number}", number) for number in range(399)))
    assert (await meituan.call(Call(CallKind.STOCK, "shop_0001", stock=stock))).state is CallState.DONE
    batches = [json.loads(asked.params["medicine_data"]) for asked in platform.asked]
    assert [len(batch) for batch in batches] == [200, 200, 1]
    assert batches[0][:2] == [
        {"app_poi_code": "shop_0001", "app_medicine_code": "LOW", "stock": 0},
        {"app_poi_code": "shop_0001", "app_medicine_code": "HIGH", "stock": 99999},
    ]


def rows(result_code: int, *codes: int) -> dict[str, object]:
    errors = json.dumps([{"app_medicine_code": "M", "code": code, "msg": "x"} for code in codes])
    return {"result_code": result_code, "data": "ok" if result_code < 3 else "ng", "error_list": errors}


@pytest.mark.parametrize(
    ("answers", "state", "said"),
    [
        ([rows(2, 3004, 3004)], CallState.DONE, "rows refused: 3004 ×2"),
        ([rows(3, 3004)], CallState.REFUSED, "every row was refused: 3004 ×1"),
        ([rows(2, 711)], CallState.LATER, "rows were throttled"),
        ([{"result_code": 4, "data": "ng", "error": {"code": 703, "msg": "sig"}}], CallState.REFUSED, "703 sig"),
        (
            [{"result_code": 3, "data": "ng", "error_list": "broken"}],
            CallState.REFUSED,
            "every row was refused: no reason given",
        ),
        ([(200, b"<html>")], CallState.LATER, "HTTP status 200 with an answer that is not the platform's JSON"),
    ],
)
async def test_rows_of_a_batch_are_judged_one_by_one(
    platform: Platform, meituan: MeituanChannel, answers: list[object], state: CallState, said: str
) -> None:
    platform.answers["medicine/stock"] = answers
    result = await meituan.call(Call(CallKind.STOCK, "shop_0001", stock=(("M", 1),)))
    assert (result.state, result.said) == (state, said)


async def test_a_refused_batch_holds_up_no_other(platform: Platform, meituan: MeituanChannel) -> None:
    platform.answers["medicine/stock"] = [rows(3, 3004), rows(1)]
    stock = tuple((f"M{number}", 1) for number in range(201))
    result = await meituan.call(Call(CallKind.STOCK, "shop_0001", stock=stock))
    assert (result.state, len(platform.asked)) == (CallState.REFUSED, 2)


async def test_nothing_secret_or_personal_is_logged(
    platform: Platform, meituan: MeituanChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    platform.answers["order/cancel"] = ng(711)
    await meituan.call(Call(CallKind.CANCEL, "s", ID, reason="张三不要了"))
    assert SECRET not in caplog.text
    assert "张三" not in caplog.text and "%E5%BC%A0" not in caplog.text
    assert "sig=" not in caplog.text

"""The chain's own API: what each request means, and what is refused in which words."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.channels.base import (
    BadSignature,
    Call,
    CallKind,
    CallResult,
    CallState,
    Cancelled,
    ChannelLine,
    ChannelOrder,
    NotUnderstood,
    Placed,
    Push,
    Refunded,
    RefundedLine,
    RiderCame,
    Understood,
    Urged,
)
from cloud.channels.own import OwnChannel, Settings
from domain.orders import OrderState, RiderState
from domain.personal import Recipient, Rider
from domain.refunds import RefundState

CHANNEL = OwnChannel(Settings("key", label="小程序"))
LINE = {"sku": "M1", "name": "口罩", "quantity": 2, "price": 1250, "barcode": "6900000000014", "unit": "盒"}
ORDER = {
    "order_id": "A-1",
    "shop": "s1",
    "placed_at": "2026-01-01T08:00:00.250+08:00",
    "total": 2500,
    "lines": [LINE],
    "recipient": {"name": "测试", "phone": "13800000000", "address": "1 号"},
}


def push(path: str, body: object, authorization: str = "Bearer key") -> Push:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"https://hub.example.com/channels/own/{path}"
    topic = path.rpartition("/")[2]
    return Push("own", topic, "POST", url, b"", raw, {"authorization": authorization})


def understand(path: str, body: object) -> Understood:
    return CHANNEL.understand(push(path, body))


def test_an_order() -> None:
    understood = understand("orders", ORDER)
    assert (understood.key, understood.channel_order_id) == ("paid:A-1", "A-1")
    assert understood.messages == (
        Placed(
            ChannelOrder(
                channel_order_id="A-1",
                shown_id="A-1",
                shop="s1",
                day_number=0,
                placed_at=1767225600250,
                promised_at=None,
                booked=False,
                prescription=False,
                pick_up=False,
                total=2500,
                state=OrderState.PLACED,
                lines=(ChannelLine("M1", "6900000000014", "口罩", "", "盒", 2000, 1250),),
                recipient=Recipient(name="测试", phone="13800000000", address="1 号"),
            )
        ),
    )


def test_an_order_may_need_a_prescription_and_be_the_insurances() -> None:
    (message,) = understand("orders", ORDER | {"prescription": True, "insurance": True}).messages
    assert isinstance(message, Placed)
    assert message.order.prescription and message.order.insurance


def test_the_same_order_again_is_the_same_and_another_body_is_not() -> None:
    first = understand("orders", ORDER)
    assert understand("orders", json.dumps(dict(reversed(ORDER.items())), indent=3).encode()) == first
    other = understand("orders", ORDER | {"total": 1})
    assert (other.key, other.content == first.content) == (first.key, False)


@pytest.mark.parametrize(
    ("path", "body", "key", "message"),
    [
        ("orders/A-1/cancel", {}, "cancelled:A-1", Cancelled("A-1", "customer", "")),
        ("orders/A-1/cancel", b"", "cancelled:A-1", Cancelled("A-1", "customer", "")),
        ("orders/A-1/urge", {"urge_id": "7"}, "urge:A-1:7", Urged("A-1")),
        (
            "orders/A%2B1/rider",
            {"state": "at_store", "at": "2026-01-01T00:00:00Z", "name": "骑手", "phone": "139"},
            "rider:A+1:at_store:1767225600000",
            RiderCame("A+1", RiderState.AT_STORE, Rider("骑手", "139")),
        ),
        (
            "orders/A-1/refunds",
            {"refund_id": "r", "amount": 100, "lines": [{"sku": "M1", "quantity": 1}], "reason": "多了"},
            "refund:A-1:r:asked",
            Refunded("A-1", "r", RefundState.ASKED, False, 100, (RefundedLine("M1", 1000),), "多了", None, None),
        ),
        (
            "orders/A-1/refunds",
            {"refund_id": "r", "state": "withdrawn", "asked_at": "2026-01-01T00:00:00Z"},
            "refund:A-1:r:withdrawn",
            Refunded("A-1", "r", RefundState.WITHDRAWN, True, None, (), "", 1767225600000, None),
        ),
    ],
)
def test_what_happens_to_an_order(path: str, body: object, key: str, message: object) -> None:
    understood = understand(path, body)
    assert (understood.key, understood.messages) == (key, (message,))


def test_the_path_may_also_be_the_topic() -> None:
    push = Push("own", "orders/A-1/cancel", "POST", "", b"", b"{}", {"Authorization": "bearer key"})
    assert CHANNEL.understand(push).key == "cancelled:A-1"


@pytest.mark.parametrize("authorization", ["", "key", "Bearer", "Bearer wrong", "Basic key", "Bearer 钥匙"])
def test_a_wrong_key_is_refused(authorization: str) -> None:
    with pytest.raises(BadSignature):
        CHANNEL.understand(push("orders", ORDER, authorization))


def test_an_empty_key_lets_nobody_in() -> None:
    with pytest.raises(BadSignature):
        OwnChannel(Settings("")).understand(push("orders", ORDER, "Bearer "))
    assert "hidden" not in repr(Settings("hidden"))


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("orders", b"{", "the body is not JSON"),
        ("orders", b'{"order_id":"\xff"}', "the body is not"),
        ("orders", [], "the body: Expected `object`, got `array`"),
        ("orders", {k: v for k, v in ORDER.items() if k != "shop"}, "the body: Object missing required field `shop`"),
        ("orders", ORDER | {"colour": "red"}, "the body: Object contains unknown field `colour`"),
        ("orders", ORDER | {"total": -1}, "total: Expected `int` >= 0"),
        ("orders", ORDER | {"total": 1.5}, "total: Expected `int`, got `float`"),
        ("orders", ORDER | {"placed_at": "2026-01-01T08:00:00"}, "placed_at: Expected `datetime` with a timezone"),
        ("orders", ORDER | {"lines": []}, "lines: Expected `array` of length >= 1"),
        ("orders", ORDER | {"lines": [LINE | {"quantity": -3}]}, r"lines\[0\].quantity: Expected `int` >= 1"),
        ("orders", ORDER | {"lines": [LINE | {"quantity": 10**7}]}, r"lines\[0\].quantity: Expected `int` <= 100000"),
        ("orders", ORDER | {"order_id": "a/b"}, "order_id: Expected `str` matching regex"),
        ("orders/A-1/rider", {"state": "flying", "at": "2026-01-01T00:00:00Z"}, "state: not one of the words"),
        ("orders/A-1/explode", {}, "explode: not something that can happen"),
        ("orders/%E4%B8%AD/cancel", {}, "the order id in the path"),
        ("orders/A-1", {}, "A-1: the path is neither"),
    ],
)
def test_what_cannot_be_read_is_named(path: str, body: object, says: str) -> None:
    with pytest.raises(NotUnderstood, match=f"^{says}"):
        understand(path, body)


@given(st.sampled_from(["orders", "orders/1/cancel", "orders/1/refunds", "orders/1/urge", "x"]), st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_arbitrary_bodies(path: str, body: bytes) -> None:
    try:
        assert understand(path, body).key is not None
    except NotUnderstood as error:
        assert str(error)


async def test_our_record_is_the_platform() -> None:
    assert await CHANNEL.call(Call(CallKind.PART_REFUND, "s1", "A-1")) == CallResult(
        CallState.DONE, no_push_follows=True
    )
    assert [message async for message in CHANNEL.sweep("s1", 0)] == []
    assert await CHANNEL.detail("A-1") is None
    assert json.loads(CHANNEL.answer()) == {"data": "ok"}

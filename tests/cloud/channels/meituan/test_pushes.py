"""Every sample of facts/channels.md, and what each topic means."""

import json

import pytest

from cloud.channels.base import Advanced, Cancelled, Changed, NotUnderstood, Placed, RiderCame, Urged
from cloud.channels.meituan.settings import Settings
from domain.orders import OrderState, RiderState
from domain.personal import Rider
from tests.cloud.channels.meituan.forms import (
    channel,
    encoded,
    only,
    push,
    raw_push,
    sample,
    signed,
    understand,
    url_of,
)

ID = "900000000000000123"
SAMPLES = {
    "paid_order": "paid",
    "cancel": "cancelled",
    "full_refund": "refund",
    "full_refund_returngoods_store": "refund",
    "part_refund": "part_refund",
    "refund_status": "refund_status",
    "rider": "rider",
    "poi_status": "shop",
}


@pytest.mark.parametrize(("name", "topic"), SAMPLES.items())
@pytest.mark.parametrize("times", [1, 2])
def test_every_sample_reads_alike_however_often_it_was_encoded(name: str, topic: str, times: int) -> None:
    understood = channel().understand(push(topic, sample(name), times))
    assert understood == understand(topic, sample(name))
    assert understood.key is not None


def test_a_get_push_is_taken_from_its_query() -> None:
    form = signed(url_of("cancelled"), sample("cancel"))
    got = channel().understand(raw_push("cancelled", b"", query=encoded(form)))
    assert got == understand("cancelled", sample("cancel"))


@pytest.mark.parametrize("body", [b"", b"&", b"app_id=4012&timestamp=1&sig=wrong", b"order_id=&app_id=1"])
def test_a_heartbeat_is_answered_and_leaves_nothing(body: bytes) -> None:
    understood = channel().understand(raw_push("paid", body))
    assert (understood.key, understood.messages) == (None, ())


def test_the_time_of_sending_changes_no_content_and_another_word_does() -> None:
    paid = sample("paid_order")
    again = understand("paid", paid | {"timestamp": "1767999999", "utime": "1767999998"})
    other = understand("paid", paid | {"caution": "不要了"})
    assert again == understand("paid", paid)
    assert other.key == again.key
    assert other.content != again.content


def test_confirmed_and_completed_carry_the_whole_order() -> None:
    message = only(understand("confirmed", sample("paid_order") | {"status": "4"}))
    assert isinstance(message, Advanced)
    assert message.state is OrderState.ACCEPTED
    assert message.order is not None
    assert message.order.state is OrderState.ACCEPTED
    completed = only(understand("completed", {"order_id": ID, "status": "8"}))
    assert completed == Advanced(ID, OrderState.COMPLETED, None)
    assert only(understand("pick_finished", {"order_id": ID})) == Advanced(ID, OrderState.PICKED, None)


@pytest.mark.parametrize(
    ("code", "by"), [("1", "customer"), ("2", "store"), ("3", "service"), ("5", "system"), ("", "system")]
)
def test_who_cancelled(code: str, by: str) -> None:
    assert only(understand("cancelled", sample("cancel") | {"deal_op_type": code})) == Cancelled(ID, by, "用户取消")


def test_each_reminder_is_told_apart_by_its_id_else_by_its_second() -> None:
    urge = {"order_id": ID, "remind_id": "55", "timestamp": "1"}
    assert understand("urge", urge).key == f"urge:{ID}:55" == understand("urge", urge | {"timestamp": "2"}).key
    assert understand("urge", {"order_id": ID, "timestamp": "9"}).key == f"urge:{ID}:9"
    assert only(understand("urge", urge)) == Urged(ID)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("10", RiderState.ASSIGNED),
        ("15", RiderState.AT_STORE),
        ("20", RiderState.TAKEN),
        ("40", RiderState.DELIVERED),
        ("100", RiderState.LEFT),
    ],
)
def test_where_the_rider_is(status: str, state: RiderState) -> None:
    understood = understand("rider", sample("rider") | {"logistics_status": status})
    assert understood.key == f"rider:{ID}:{status}:1767226990"
    assert only(understood) == RiderCame(ID, state, Rider("测试骑手", "13900000000_5678"))


def test_dispatching_is_no_rider_yet() -> None:
    assert understand("rider", sample("rider") | {"logistics_status": "0"}).messages == ()


def test_a_change_asks_for_the_detail_unless_it_brings_the_order() -> None:
    part = {"order_id": ID, "utime": "5", "caution": "请快点"}
    assert understand("changed", part).key == f"changed:{ID}:5"
    assert only(understand("changed", part)) == Changed(ID, None)
    entire = only(understand("changed", sample("paid_order")))
    assert isinstance(entire, Changed)
    assert entire.order is not None


def test_a_degraded_push_asks_for_the_detail_under_a_key_of_its_own() -> None:
    degraded = sample("paid_order") | {"incmp_code": "-1", "incmp_modules": "[1]"}
    understood = understand("paid", degraded)
    assert understood.key == f"paid:{ID}:degraded"
    assert isinstance(understood.messages[0], Placed)
    assert understood.messages[1] == Changed(ID, None)
    assert understand("paid", degraded | {"detail": ""}).messages == (Changed(ID, None),)


@pytest.mark.parametrize(
    ("topic", "form", "says"),
    [
        ("paid", {"detail": "[]", "total": "1"}, "order_id: missing"),
        ("paid", {"order_id": "a b"}, "order_id: not an id"),
        ("nonsense", {"order_id": "1"}, "nonsense: not a topic"),
        ("rider", {"order_id": "1"}, "logistics_status: missing"),
        (
            "rider",
            {"order_id": "1", "logistics_status": "ten"},
            "logistics_status: expected a whole number, got a text",
        ),
        (
            "refund_status",
            {"order_id": "1", "refund_id": "2", "refund_status": "77"},
            "refund_status: 77 is not documented",
        ),
    ],
)
def test_what_cannot_be_read_is_named(topic: str, form: dict[str, str], says: str) -> None:
    with pytest.raises(NotUnderstood, match=f"^{says}"):
        understand(topic, form)


def test_the_answer_is_what_the_platform_waits_for() -> None:
    assert json.loads(channel().answer()) == {"data": "ok"}


def test_the_registered_url_of_a_topic() -> None:
    settings = Settings(app_id="1", secret="hidden", callback_urls={"paid": "https://x.example/p"})
    assert (
        settings.registered_url("https://hub.example.com/", "urge") == "https://hub.example.com/channels/meituan/urge"
    )
    assert settings.registered_url("https://hub.example.com", "paid") == "https://x.example/p"
    assert "hidden" not in repr(settings)

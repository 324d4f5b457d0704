"""Our orders against the samples of facts/channels.md, value by value."""

import json
from pathlib import Path

import pytest

from installer.simulators.meituan.news_wire import cancel_fields, refund_fields, refund_status_fields, rider_fields
from installer.simulators.meituan.order_wire import detail_fields, push_fields
from installer.simulators.meituan.orders import Gift, Line, Order, Recipient, Refund, RefundedGoods
from installer.simulators.meituan.texts import form

HERE = Path(__file__).parent


@pytest.fixture
def sample() -> Order:
    return Order(
        order_id=900000000000000123,
        shop="shop_0001",
        shop_name="示例大药房(测试路店)",
        day=20260101,
        day_seq=7,
        created_at=1767225650,
        updated_at=1767225655,
        arrival_time=1767228600,
        received_at=1767225656,
        tags=(8,),
        caution="【如遇缺货】： 缺货时电话与我沟通 收餐人隐私号 13800000000_1234，手机号 138****0000",
        invoice_title="测试有限公司",
        taxpayer_id="91110000TEST000000",
        empty_extra=True,
        recipient=Recipient(),
        lines=[
            Line("M0001", "阿莫西林胶囊 0.25g*24粒", "0.25g*24粒", "6900000000014", "盒", 2, 1500, 50, 1250),
            Line("M0002", "75%酒精消毒液 100ml", "100ml", "6900000000021", "瓶", 1, 600, 120, 600),
        ],
    )


def test_a_paid_order_is_pushed_as_in_the_sample(sample: Order) -> None:
    expected = json.loads((HERE / "paid_order.form.json").read_text(encoding="utf-8"))
    for added_by_the_push in ("app_id", "timestamp", "sig"):
        del expected[added_by_the_push]
    assert form(push_fields(sample)) == expected


def test_the_detail_query_answers_as_in_the_sample(sample: Order) -> None:
    expected = json.loads((HERE / "order_detail.response.json").read_text(encoding="utf-8"))["data"]
    assert json.loads(json.dumps(detail_fields(sample))) == expected


def test_gifts_are_only_in_extras(sample: Order) -> None:
    sample.gifts = (Gift("M0009", "口罩 10只", 2, 23),)
    fields = form(push_fields(sample))
    gift = json.loads(fields["extras"])[-2]
    assert gift["type"] == 23
    assert gift["reduce_fee"] == 0
    assert gift["act_extend_msg"] == {"gifts_name": "口罩 10只", "gift_num": 2, "gifts_app_medicine_code": "M0009"}
    assert "M0009" not in fields["detail"]
    assert fields["total"] == "31.0"


def test_a_part_refund_is_pushed_as_in_the_sample(sample: Order) -> None:
    goods = (RefundedGoods(sample.lines[0], 1),)
    refund = Refund(70001, part=True, goods=goods, money_fen=1250, reason="商品买多了", created_at=1767228990)
    fields = form(refund_fields(sample, refund, "part"))
    food = json.loads(fields.pop("food"))
    assert fields == {
        "order_id": "900000000000000123",
        "notify_type": "part",
        "refund_id": "70001",
        "ctime": "1767228990",
        "reason": "商品买多了",
        "money": "12.5",
        "res_type": "0",
        "is_appeal": "0",
        "pictures": "[]",
        "service_type": "0",
        "incmp_code": "0",
    }
    assert food == [
        {
            "app_food_code": "M0001",
            "app_medicine_code": "M0001",
            "food_name": "阿莫西林胶囊 0.25g*24粒",
            "sku_id": "M0001",
            "upc": "6900000000014",
            "spec": "0.25g*24粒",
            "food_price": 12.5,
            "count": 1,
            "box_num": 0,
            "box_price": 0,
            "origin_food_price": 15.0,
            "refund_price": 12.5,
        }
    ]


def test_the_other_news_carry_the_samples_names(sample: Order) -> None:
    refund = Refund(70002, part=False, goods=(), money_fen=1042, reason="不想要了", created_at=1767228990)
    assert form(refund_fields(sample, refund, "apply")) == {
        "order_id": "900000000000000123",
        "notify_type": "apply",
        "refund_id": "70002",
        "ctime": "1767228990",
        "reason": "不想要了",
        "res_type": "0",
        "is_appeal": "0",
        "pictures": "[]",
        "service_type": "0",
        "incmp_code": "0",
        "incmp_modules": "[]",
    }
    assert form(refund_status_fields(sample, refund, status=13, now=1767229999)) == {
        "order_id": "900000000000000123",
        "refund_id": "70002",
        "refund_status": "13",
        "money": "10.42",
        "ctime": "1767228990",
        "utime": "1767229999",
    }
    assert form(cancel_fields(sample, by=1, reason_code=1103, reason="用户取消")) == {
        "order_id": "900000000000000123",
        "reason_code": "1103",
        "reason": "用户取消",
        "deal_op_type": "1",
    }
    sample.rider.status, sample.rider.name, sample.rider.mobile = 10, "测试骑手", "13900000000_5678"
    assert form(rider_fields(sample, 1767226990)) == {
        "order_id": "900000000000000123",
        "wm_order_id_view": "900000000000000123",
        "logistics_status": "10",
        "time": "1767226990",
        "dispatcher_name": "测试骑手",
        "dispatcher_mobile": "13900000000_5678",
    }

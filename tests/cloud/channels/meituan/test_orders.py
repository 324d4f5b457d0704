"""What a paid push tells: the sample's figures by hand, and what may be missing or wrong."""

import json

import pytest

from cloud.channels.base import ChannelLine, ChannelOrder, NotUnderstood, Placed
from domain.orders import OrderState
from domain.personal import Recipient
from tests.cloud.channels.meituan.forms import only, sample, understand

GIFT = {"gifts_name": "口罩", "gift_num": 2, "gifts_app_medicine_code": "G1"}


def placed(**changed: str) -> ChannelOrder:
    message = only(understand("paid", sample("paid_order") | changed))
    assert isinstance(message, Placed)
    return message.order


def extra(kind: object, told: object) -> str:
    return json.dumps([{"type": kind, "reduce_fee": 0, "act_extend_msg": told}, {}])


def detail(**changed: object) -> str:
    rows = json.loads(sample("paid_order")["detail"])
    rows[1].update(changed)
    return json.dumps(rows, ensure_ascii=False)


def test_the_sample_in_our_words() -> None:
    assert placed() == ChannelOrder(
        channel_order_id="900000000000000123",
        shown_id="900000000000000123",
        shop="shop_0001",
        day_number=7,
        placed_at=1767225650000,
        promised_at=1767228600000,
        booked=False,
        prescription=True,
        pick_up=False,
        total=3100,
        state=OrderState.PLACED,
        lines=(
            ChannelLine("M0001", "6900000000014", "阿莫西林胶囊 0.25g*24粒", "0.25g*24粒", "盒", 2000, 1250),
            ChannelLine("M0002", "6900000000021", "75%酒精消毒液 100ml", "100ml", "瓶", 1000, 600),
        ),
        recipient=Recipient(
            name="测试(先生)",
            phone="13800000000_1234",
            backup_phone="13800000001_1234",
            address="测试小区 3栋+2单元",
            remark="【如遇缺货】： 缺货时电话与我沟通 收餐人隐私号 13800000000_1234，手机号 138****0000",
        ),
    )


def test_a_booked_order_is_promised_for_its_time() -> None:
    order = placed(delivery_time="1767250000", pick_type="1", order_tag_list="[23]")
    assert (order.booked, order.promised_at, order.pick_up, order.prescription) == (True, 1767250000000, True, False)


@pytest.mark.parametrize(
    ("tags", "marks"), [("[8]", (True, False)), ('["23"]', (False, True)), ("[8,23]", (True, True))]
)
def test_tags_say_what_needs_a_prescription_and_who_pays(tags: str, marks: tuple[bool, bool]) -> None:
    order = placed(order_tag_list=tags)
    assert (order.prescription, order.insurance) == marks


def test_everything_a_merchant_may_not_have_subscribed_to_may_be_missing() -> None:
    needed = ("order_id", "app_poi_code", "total", "ctime", "detail", "app_id", "timestamp")
    form = {name: value for name, value in sample("paid_order").items() if name in needed}
    message = only(understand("paid", form))
    assert isinstance(message, Placed)
    order = message.order
    assert (order.day_number, order.promised_at, order.prescription, order.recipient) == (0, None, False, Recipient())
    assert order.shown_id == "900000000000000123"
    assert only(understand("paid", dict.fromkeys(sample("paid_order"), "") | form)) == message


@pytest.mark.parametrize("kind", [23, 5, "23"])
@pytest.mark.parametrize("told", [GIFT, json.dumps(GIFT), GIFT | {"gift_num": "2"}])
def test_a_gift_that_stands_only_in_extras_is_picked(kind: object, told: object) -> None:
    assert placed(extras=extra(kind, told)).lines[2:] == (ChannelLine("G1", "", "口罩", "", "", 2000, 0, gift=True),)


def test_a_gift_that_is_a_line_already_is_picked_once() -> None:
    told = extra(23, GIFT | {"gifts_app_medicine_code": "M0002"})
    assert len(placed(extras=told, detail=detail(price=0)).lines) == 2
    assert len(placed(extras=told).lines) == 3


@pytest.mark.parametrize("told", [None, "", {}, {"gift_num": 1}])
def test_an_activity_that_names_no_gift_adds_no_line(told: object) -> None:
    assert len(placed(extras=extra(23, told)).lines) == 2
    assert len(placed(extras=extra(17, GIFT)).lines) == 2


@pytest.mark.parametrize(
    ("yuan", "fen"), [(0.29, 29), ("19.99", 1999), (10.420000000000002, 1042), (0, 0), ("1", 100), (30000.0, 3000000)]
)
def test_money_is_exact_to_the_fen(yuan: object, fen: int) -> None:
    assert placed(detail=detail(price=yuan)).lines[1].price == fen


@pytest.mark.parametrize("value", ["13800000001_1234", '["13800000001_1234"]', '["13800000001_1234", "2"]'])
def test_a_backup_phone_is_a_list_or_a_number(value: str) -> None:
    assert placed(backup_recipient_phone=value).recipient.backup_phone == "13800000001_1234"


def test_an_address_may_hold_plus_percent_and_at() -> None:
    assert placed(recipient_address="100%+@家%2B@#省市").recipient.address == "100%+@家%2B"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"detail": "[{"}, "detail: broken JSON"),
        ({"detail": ""}, "detail: missing or empty"),
        ({"detail": "[]"}, "detail: missing or empty"),
        ({"detail": '{"a":1}'}, "detail: Expected `array`, got `object`"),
        (
            {"detail": detail(quantity=-1)},
            r"detail\[1\].quantity: not a quantity that can be ordered, but a negative number",
        ),
        ({"detail": detail(quantity=0)}, r"detail\[1\].quantity"),
        ({"detail": detail(quantity=1.5)}, r"detail\[1\].quantity"),
        ({"detail": detail(quantity=10**9)}, r"detail\[1\].quantity"),
        ({"detail": detail(quantity=None)}, r"detail\[1\].quantity: .* nothing"),
        ({"detail": detail(price=-2)}, r"detail\[1\].price: a negative amount"),
        ({"detail": detail(price="1e3")}, r"detail\[1\].price: expected an amount in yuan, got a text"),
        ({"detail": detail(price=0.125)}, r"detail\[1\].price: a fraction of a fen"),
        ({"total": "-31"}, "total: a negative amount"),
        ({"total": "999999999999"}, "total: an absurd amount"),
        ({"total": ""}, "total: missing"),
        ({"ctime": "1767225650000"}, "ctime: expected unix seconds"),
        ({"app_poi_code": ""}, "app_poi_code: missing"),
        ({"day_seq": "-1"}, "day_seq: expected a whole number, got a negative number"),
        ({"extras": extra(23, GIFT | {"gift_num": -5})}, r"extras\[0\].act_extend_msg.gift_num"),
        ({"extras": extra(23, "{")}, r"extras\[0\].act_extend_msg: broken JSON"),
        ({"order_tag_list": "8]"}, "order_tag_list: "),
        ({"extras": '[{"act_extend_msg":' + "[" * 20000}, "extras: broken JSON"),
    ],
)
def test_what_cannot_be_read_is_named_and_never_told(changed: dict[str, str], says: str) -> None:
    with pytest.raises(NotUnderstood, match=f"^{says}"):
        placed(**changed)

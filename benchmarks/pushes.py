"""Meituan's pushes as bytes on the wire, made beforehand so that a load generator only has to send them."""

import json
import time
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus, urlencode

from installer.simulators.meituan.signature import sign

Lines = Sequence[tuple[str, int]]
"""(app_medicine_code, how many) pairs."""


def paid(
    order_id: int, shop: str, lines: Lines, *, day_seq: int = 1, changes: Mapping[str, str] = {}
) -> dict[str, str]:
    """The fields of facts/channel_samples/meituan_push_paid_order.form.json that a merchant always gets."""
    now = int(time.time())
    goods = [
        {
            "app_food_code": code,
            "app_medicine_code": code,
            "food_name": f"示例药品 {code}",
            "sku_id": code,
            "quantity": count,
            "price": 12.5,
            "unit": "盒",
            "spec": "0.25g*24粒",
            "food_property": "",
        }
        for code, count in lines
    ]
    form = {
        "order_id": str(order_id),
        "wm_order_id_view": str(order_id),
        "app_poi_code": shop,
        "order_tag_list": "[]",
        "recipient_name": "测试(先生)",
        "recipient_address": "测试小区 3栋+2单元@#测试省测试市测试区测试小区",
        "recipient_phone": "13800000000_1234",
        "backup_recipient_phone": '["13800000001_1234"]',
        "shipping_fee": "4.0",
        "total": "41.5",
        "original_price": "41.5",
        "caution": "请尽快 收餐人隐私号 13800000000_1234，手机号 138****0000",
        "shipper_phone": "",
        "status": "2",
        "ctime": str(now),
        "utime": str(now),
        "delivery_time": "0",
        "estimate_arrival_time": str(now + 2400),
        "pay_type": "2",
        "pick_type": "0",
        "latitude": "39.900000",
        "longitude": "116.400000",
        "day_seq": str(day_seq),
        "is_pre_sale_order": "false",
        "logistics_code": "1001",
        "detail": json.dumps(goods, ensure_ascii=False, separators=(",", ":")),
        "extras": "[{}]",
    }
    return {**form, **changes}


def signed(url: str, form: Mapping[str, str], app_id: str, secret: str) -> bytes:
    """The request body: signed over the decoded values, then percent-encoded twice."""
    params = {"app_id": app_id, "timestamp": str(int(time.time())), **form}
    params["sig"] = sign(url, params, secret)
    return urlencode({name: quote_plus(value) for name, value in params.items()}).encode()

"""Orders and news about them in the platform's own fields (facts/channels.md §1.7 and its samples).

Each function gives typed values; `form` turns them into the texts of a push. Money is fen in here and yuan out there.
"""

import json
from collections.abc import Mapping

from installer.simulators.meituan.orders import (
    ASSIGNED,
    DELIVERED,
    DISPATCHED,
    PICKED_UP,
    RIDER_CANCELLED,
    Gift,
    Line,
    Order,
    Refund,
    RefundedGoods,
)

Fields = dict[str, object]


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def yuan(fen: int) -> float:
    return fen / 100


def form(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in fields.items()}


def order_fields(order: Order) -> Fields:
    """What the pushes of an order and its detail query share."""
    return _identity(order) | _recipient(order) | _money(order) | _times(order) | _content(order)


def push_fields(order: Order) -> Fields:
    """Coordinates are the one value a push writes otherwise than the detail query: six decimals."""
    who = order.recipient
    return order_fields(order) | {"latitude": f"{who.latitude:.6f}", "longitude": f"{who.longitude:.6f}"}


def detail_fields(order: Order) -> Fields:
    """What only order/getOrderDetail tells."""
    rider = order.rider
    return order_fields(order) | {
        "order_send_time": order.created_at + 5,
        "order_receive_time": order.received_at,
        "order_confirm_time": order.confirmed_at,
        "order_cancel_time": order.cancelled_at,
        "order_completed_time": order.completed_at,
        "logistics_status": rider.status,
        "logistics_id": 5,
        "logistics_name": "加盟",
        "logistics_send_time": rider.times.get(DISPATCHED, 0),
        "logistics_confirm_time": rider.times.get(ASSIGNED, 0),
        "logistics_cancel_time": rider.times.get(RIDER_CANCELLED, 0),
        "logistics_fetch_time": rider.times.get(PICKED_UP, 0),
        "logistics_completed_time": rider.times.get(DELIVERED, 0),
        "logistics_dispatcher_name": rider.name,
        "logistics_dispatcher_mobile": rider.mobile,
        "package_bag_money_yuan": "0",
        "medicare_detail": "",
        "is_whole_city_ship": 0,
        "sg_open_third_logistics_infos": "",
    }


def cancel_fields(order: Order, *, by: int, reason_code: int, reason: str) -> Fields:
    return {
        "order_id": order.order_id,
        "reason_code": reason_code,
        "reason": reason,
        "deal_op_type": by,
    }


def refund_fields(order: Order, refund: Refund, notify_type: str) -> Fields:
    """The shape of shops without the returns service; those with it get `status` instead (not simulated)."""
    fields: Fields = {
        "order_id": order.order_id,
        "notify_type": notify_type,
        "refund_id": refund.refund_id,
        "ctime": refund.created_at,
        "reason": refund.reason,
        "res_type": refund.res_type,
        "is_appeal": int(refund.appeal),
        "pictures": [],
        "service_type": 0,
        "incmp_code": 0,
    }
    if not refund.part:
        return fields | {"incmp_modules": []}
    food = [refunded_goods(goods) for goods in refund.goods]
    return fields | {"money": yuan(refund.money_fen), "food": food}


def refund_status_fields(order: Order, refund: Refund, *, status: int, now: int) -> Fields:
    return {
        "order_id": order.order_id,
        "refund_id": refund.refund_id,
        "refund_status": status,
        "money": yuan(refund.money_fen),
        "ctime": refund.created_at,
        "utime": now,
    }


def refunded_goods(goods: RefundedGoods) -> Fields:
    line = goods.line
    return {
        "app_food_code": line.code,
        "app_medicine_code": line.code,
        "food_name": line.name,
        "sku_id": line.code,
        "upc": line.upc,
        "spec": line.spec,
        "food_price": yuan(line.price_fen),
        "count": goods.quantity,
        "box_num": 0,
        "box_price": 0,
        "origin_food_price": yuan(line.shelf_fen),
        "refund_price": yuan(line.price_fen),
    }


def rider_fields(order: Order, now: int) -> Fields:
    return {
        "order_id": order.order_id,
        "wm_order_id_view": order.order_id,
        "logistics_status": order.rider.status,
        "time": now,
        "dispatcher_name": order.rider.name,
        "dispatcher_mobile": order.rider.mobile,
    }


def urge_fields(order: Order, remind_id: int) -> Fields:
    """ASSUMPTION: only the two ids a reply (order/remindReply) needs are certain."""
    return {"order_id": order.order_id, "remind_id": remind_id}


def changed_fields(order: Order, names: tuple[str, ...]) -> Fields:
    """ASSUMPTION: the changed fields under the names the order itself uses."""
    fields = push_fields(order)
    return {name: fields[name] for name in ("order_id", "wm_order_id_view", "utime", *names)}


def pick_finished_fields(order: Order) -> Fields:
    """ASSUMPTION: only that it names the order is certain."""
    return {"order_id": order.order_id, "wm_order_id_view": order.order_id, "app_poi_code": order.shop}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json_text(value)
    return str(value)


def _identity(order: Order) -> Fields:
    return {
        "order_id": order.order_id,
        "wm_order_id_view": order.order_id,
        "app_poi_code": order.shop,
        "order_tag_list": list(order.tags),
        "wm_poi_name": order.shop_name,
        "wm_poi_address": "测试市测试路1号",
        "wm_poi_phone": "4000000000",
        "city_id": 999999,
        "status": order.status,
        "day_seq": order.day_seq,
        "is_favorites": False,
        "is_poi_first_order": True,
        "is_pre_sale_order": False,
        "dinners_number": 0,
    }


def _recipient(order: Order) -> Fields:
    who = order.recipient
    return {
        "recipient_name": who.name,
        "recipient_address": who.address,
        "recipient_phone": who.phone,
        "backup_recipient_phone": json_text(list(who.backup_phones)),
        "caution": order.caution,
        "shipper_phone": "",
        "latitude": who.latitude,
        "longitude": who.longitude,
    }


def _money(order: Order) -> Fields:
    return {
        "shipping_fee": yuan(order.shipping_fen),
        "total": yuan(order.total_fen),
        "original_price": yuan(order.shelf_fen + order.shipping_fen),
        "package_bag_money": 0,
        "pay_type": 2,
        "has_invoiced": int(bool(order.invoice_title)),
        "invoice_title": order.invoice_title,
        "taxpayer_id": order.taxpayer_id,
        "poi_receive_detail": json_text(_receive_detail(order)),
    }


def _times(order: Order) -> Fields:
    return {
        "ctime": order.created_at,
        "utime": order.updated_at,
        "delivery_time": order.delivery_time,
        "estimate_arrival_time": order.arrival_time,
        "avg_send_time": 1800.0,
    }


def _content(order: Order) -> Fields:
    return {
        "is_third_shipping": 0,
        "pick_type": int(order.self_pickup),
        "logistics_code": "1001",
        "total_weight": 50 * sum(line.quantity for line in order.lines),
        "incmp_code": 0,
        "incmp_modules": [],
        "detail": json_text([_line(line) for line in order.lines]),
        "extras": json_text(_extras(order)),
    }


def _line(line: Line) -> Fields:
    return {
        "app_food_code": line.code,
        "app_medicine_code": line.code,
        "food_name": line.name,
        "sku_id": line.code,
        "upc": line.upc,
        "quantity": line.quantity,
        "price": yuan(line.price_fen),
        "box_num": 0,
        "box_price": 0,
        "unit": line.unit,
        "food_discount": 1,
        "food_property": "",
        "cart_id": 0,
        "spec": line.spec,
        "weight": 50,
        "actual_price": str(yuan(line.price_fen)),
        "original_price": str(yuan(line.shelf_fen)),
    }


def _extras(order: Order) -> list[Fields]:
    extras: list[Fields] = []
    if discount := order.shelf_fen - order.goods_fen:
        extras.append(_activity(17, "折扣商品", platform_fen=0, shop_fen=discount))
    if discount := order.shipping_discount_fen:
        remark = f"减配送费{yuan(discount)}元"
        extras.append(_activity(25, remark, platform_fen=discount // 2, shop_fen=discount - discount // 2))
    extras.extend(_gift(gift) for gift in order.gifts)
    return [*extras, {}] if order.empty_extra else extras


def _activity(kind: int, remark: str, *, platform_fen: int, shop_fen: int) -> Fields:
    return {
        "act_detail_id": 0,
        "reduce_fee": yuan(platform_fen + shop_fen),
        "mt_charge": yuan(platform_fen),
        "poi_charge": yuan(shop_fen),
        "remark": remark,
        "type": kind,
    }


def _gift(gift: Gift) -> Fields:
    remark = f"买赠：赠{gift.name}{gift.quantity}件"
    return _activity(gift.type, remark, platform_fen=0, shop_fen=0) | {
        "act_extend_msg": {
            "gifts_name": gift.name,
            "gift_num": gift.quantity,
            "gifts_app_medicine_code": gift.code,
        }
    }


def _receive_detail(order: Order) -> Fields:
    """Fen, unlike everything beside it. The platform's fee is a tenth of the goods, as in the sample."""
    item_discount = order.shelf_fen - order.goods_fen
    by_platform = order.shipping_discount_fen // 2
    by_shop = item_discount + order.shipping_discount_fen - by_platform
    fee = order.goods_fen // 10
    return {
        "actOrderChargeByMt": [_charge("活动款", by_platform)],
        "actOrderChargeByPoi": [_charge("活动款", by_shop)],
        "foodShareFeeChargeByPoi": fee,
        "logisticsFee": order.shipping_fen,
        "onlinePayment": order.total_fen,
        "wmPoiReceiveCent": order.shelf_fen - by_shop - fee,
        "reconciliationExtras": json_text({"chargeMode": 1}),
    }


def _charge(comment: str, fen: int) -> Fields:
    return {"comment": comment, "feeTypeDesc": "活动款", "feeTypeId": 10019, "moneyCent": fen}

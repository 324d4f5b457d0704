"""An order in the platform's own fields (facts/channels.md §1.7), typed as order/getOrderDetail answers them."""

from dataclasses import dataclass

from installer.simulators.meituan.orders import (
    ASSIGNED,
    DELIVERED,
    DISPATCHED,
    PICKED_UP,
    RIDER_CANCELLED,
    Gift,
    Line,
    Order,
)
from installer.simulators.meituan.texts import Fields, json_text, yuan

ITEM_DISCOUNT, CHEAPER_DELIVERY = 17, 25
FEE_OF_GOODS = 10
"""The platform keeps one part in ten, as in the sample."""


@dataclass(frozen=True, slots=True)
class Activity:
    """A discount and who pays for it; `extras` and `poi_receive_detail` both tell of it."""

    type: int
    remark: str
    platform_fen: int
    shop_fen: int


def order_fields(order: Order) -> Fields:
    """What the pushes of an order and its detail query share."""
    return _identity(order) | _recipient(order) | _money(order) | _times(order) | _content(order)


def push_fields(order: Order) -> Fields:
    """Coordinates are the one value a push writes otherwise than the detail query: six decimals."""
    who = order.recipient
    return order_fields(order) | {"latitude": f"{who.latitude:.6f}", "longitude": f"{who.longitude:.6f}"}


def detail_fields(order: Order) -> Fields:
    """What order/getOrderDetail tells."""
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


def activities(order: Order) -> list[Activity]:
    found = []
    if discount := order.shelf_fen - order.goods_fen:
        found.append(Activity(ITEM_DISCOUNT, "折扣商品", 0, discount))
    if discount := order.shipping_discount_fen:
        half = discount // 2
        found.append(Activity(CHEAPER_DELIVERY, f"减配送费{yuan(discount)}元", half, discount - half))
    return found


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
        "total_weight": sum(line.weight_g * line.quantity for line in order.lines),
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
        "weight": line.weight_g,
        "actual_price": str(yuan(line.price_fen)),
        "original_price": str(yuan(line.shelf_fen)),
    }


def _extras(order: Order) -> list[Fields]:
    extras = [_activity(activity) for activity in activities(order)]
    extras.extend(_gift(gift) for gift in order.gifts)
    return [*extras, {}] if order.empty_extra else extras


def _activity(activity: Activity) -> Fields:
    return {
        "act_detail_id": 0,
        "reduce_fee": yuan(activity.platform_fen + activity.shop_fen),
        "mt_charge": yuan(activity.platform_fen),
        "poi_charge": yuan(activity.shop_fen),
        "remark": activity.remark,
        "type": activity.type,
    }


def _gift(gift: Gift) -> Fields:
    """Costs nothing, and is to be picked all the same."""
    remark = f"买赠：赠{gift.name}{gift.quantity}件"
    return _activity(Activity(gift.type, remark, 0, 0)) | {
        "act_extend_msg": {
            "gifts_name": gift.name,
            "gift_num": gift.quantity,
            "gifts_app_medicine_code": gift.code,
        }
    }


def _receive_detail(order: Order) -> Fields:
    """What the shop will receive; fen, unlike everything beside it."""
    found = activities(order)
    fee = order.goods_fen // FEE_OF_GOODS
    return {
        "actOrderChargeByMt": [_charge("活动款", each.platform_fen) for each in found if each.platform_fen],
        "actOrderChargeByPoi": [_charge(each.remark, each.shop_fen) for each in found if each.shop_fen],
        "foodShareFeeChargeByPoi": fee,
        "logisticsFee": order.shipping_fen,
        "onlinePayment": order.total_fen,
        "wmPoiReceiveCent": order.shelf_fen - sum(each.shop_fen for each in found) - fee,
        "reconciliationExtras": json_text({"chargeMode": 1}),
    }


def _charge(comment: str, fen: int) -> Fields:
    return {"comment": comment, "feeTypeDesc": "活动款", "feeTypeId": 10019, "moneyCent": fen}

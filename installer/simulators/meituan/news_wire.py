"""What happens to an order after it was paid, in the fields of the platform's pushes (facts/channels.md §1.7)."""

from installer.simulators.meituan.order_wire import push_fields
from installer.simulators.meituan.orders import Order, Refund, RefundedGoods
from installer.simulators.meituan.texts import Fields, yuan


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
    """Prices are per piece; here nothing of an order-wide discount is shared out to the goods."""
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
    """ASSUMPTION: only the two ids that a reply (order/remindReply) needs are certain."""
    return {"order_id": order.order_id, "remind_id": remind_id}


def changed_fields(order: Order, names: tuple[str, ...]) -> Fields:
    """ASSUMPTION: the changed fields under the names the order itself uses."""
    fields = push_fields(order)
    return {name: fields[name] for name in ("order_id", "wm_order_id_view", "utime", *names)}


def pick_finished_fields(order: Order) -> Fields:
    """ASSUMPTION: only that it names the order is certain."""
    return {"order_id": order.order_id, "wm_order_id_view": order.order_id, "app_poi_code": order.shop}

"""What the platform answers to each call of ours (facts/channels.md §1.5): one table, one small function each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec

from installer.simulators.meituan import news_wire, order_wire, stock
from installer.simulators.meituan.errors import PlatformError
from installer.simulators.meituan.orderbook import beijing_day
from installer.simulators.meituan.orders import DELIVERED, PICKED_UP, Order, RefundedGoods
from installer.simulators.meituan.params import Params
from installer.simulators.meituan.pictures import addresses
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.refunds import Refunds
from installer.simulators.meituan.wishes import Cancellation, RefundLine

Answer = dict[str, object]
OK: Answer = {"data": "ok"}
MERCHANT = 2


class FoodRow(msgspec.Struct, frozen=True):
    """A row of food_data. `item_id` and anything further is accepted and unused."""

    count: int
    app_food_code: str = ""
    sku_id: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """`required` are the business parameters that must not be empty. A `deed` does something to one order."""

    required: tuple[str, ...]
    answer: Callable[["Counter", Params], Awaitable[Answer]]
    deed: bool = False


class Counter:
    """Where our calls are served."""

    def __init__(self, platform: Platform, refunds: Refunds) -> None:
        self.platform = platform
        self.refunds = refunds

    def _order(self, params: Params) -> Order:
        return self.platform.orders.order(params.number("order_id"))

    async def poi_received(self, params: Params) -> Answer:
        self._order(params).receive(self.platform.now())
        return OK

    async def confirm(self, params: Params) -> Answer:
        await self.platform.confirm(self._order(params))
        return OK

    async def cancel(self, params: Params) -> Answer:
        """ASSUMPTION: the reason code is optional (2007, "other", is the documented default)."""
        code = params.number("reason_code") if params.text("reason_code") else 2007
        if not 2001 <= code <= 2016:
            raise PlatformError(705, f"reason_code {code} is not one of 2001 to 2016")
        wish = Cancellation(by=MERCHANT, reason_code=code, reason=params.text("reason"))
        await self.platform.cancel(self._order(params), wish)
        return OK

    async def preparation_complete(self, params: Params) -> Answer:
        await self.platform.pick(self._order(params))
        return OK

    async def delivering(self, params: Params) -> Answer:
        """Self-delivery; no push is known to follow."""
        self._order(params).ride(PICKED_UP, self.platform.now())
        return OK

    async def arrived(self, params: Params) -> Answer:
        order = self._order(params)
        if order.rider.status != PICKED_UP:
            raise PlatformError(808, f"order {order.order_id} is not being delivered")
        order.ride(DELIVERED, self.platform.now())
        return OK

    async def detail(self, params: Params) -> Answer:
        hidden = self.platform.switches.omit
        fields = order_wire.detail_fields(self._order(params))
        return {"data": {name: value for name, value in fields.items() if name not in hidden}}

    async def prescription_pictures(self, params: Params) -> Answer:
        """ASSUMPTION: an order without a picture has no row (facts/channels.md §1.6 shows one with)."""
        shop = params.text("app_poi_code")
        wanted = [int(each) for each in params.text("order_ids").split(",") if each.isdigit()]
        found = [self.platform.orders.order(each) for each in wanted if each in self.platform.orders]
        rows = [(order.order_id, addresses(self.platform, order)) for order in found if order.shop == shop]
        return {"data": [{"order_id": order_id, "rp_url_list": urls} for order_id, urls in rows if urls]}

    async def view_status(self, params: Params) -> Answer:
        return {"data": {"status": self._order(params).status}}

    async def day_seq(self, params: Params) -> Answer:
        """The highest count of today, Beijing time; 0 before the first order."""
        today = beijing_day(self.platform.now())
        return {
            "data": {
                "result": "ok",
                "day_seq": self.platform.orders.last_seq(params.text("app_poi_code"), today),
            }
        }

    async def id_by_day_seq(self, params: Params) -> Answer:
        order = self.platform.orders.by_seq(
            params.text("app_poi_code"), params.number("date_time"), params.number("day_seq")
        )
        return {"data": {"result": "ok", "order_id": order.order_id}}

    async def abnormal_orders(self, params: Params) -> Answer:
        """ASSUMPTION: "abnormal" are orders of the window whose paid push was never answered; `type` is not used."""
        start, end = params.number("start_time"), params.number("end_time")
        offset, limit = params.number("offset"), params.number("limit")
        found = [
            order.order_id
            for order in self.platform.orders
            if start <= order.created_at <= end and not order.push_answered
        ]
        return {"data": found[offset : offset + limit]}

    async def refund_agree(self, params: Params) -> Answer:
        await self.refunds.decide(self._order(params), agree=True)
        return OK

    async def refund_reject(self, params: Params) -> Answer:
        await self.refunds.decide(self._order(params), agree=False)
        return OK

    async def apply_part_refund(self, params: Params) -> Answer:
        lines = _food_data(params.text("food_data"))
        await self.refunds.make_part(self._order(params), lines, params.text("reason"))
        return OK

    async def part_refund_foods(self, params: Params) -> Answer:
        """ASSUMPTION: the rows look like those of a part-refund push, counted by what is left."""
        left = [line for line in self._order(params).lines if line.refundable]
        return {"data": [news_wire.refunded_goods(RefundedGoods(line, line.refundable)) for line in left]}

    async def medicine_stock(self, params: Params) -> Answer:
        return stock.answer(self.platform, params)

    async def poi_open(self, params: Params) -> Answer:
        self.platform.orders.shop(params.text("app_poi_code"))
        self.platform.closed_shops.discard(params.text("app_poi_code"))
        return OK

    async def poi_close(self, params: Params) -> Answer:
        self.platform.orders.shop(params.text("app_poi_code"))
        self.platform.closed_shops.add(params.text("app_poi_code"))
        return OK


APIS = {
    "order/poi_received": Api(("order_id",), Counter.poi_received, deed=True),
    "order/confirm": Api(("order_id",), Counter.confirm, deed=True),
    "order/cancel": Api(("order_id", "reason"), Counter.cancel, deed=True),
    "order/preparationMealComplete": Api(("order_id",), Counter.preparation_complete, deed=True),
    "order/delivering": Api(("order_id",), Counter.delivering),
    "order/arrived": Api(("order_id",), Counter.arrived),
    "order/getOrderDetail": Api(("order_id",), Counter.detail),
    "order/viewstatus": Api(("order_id",), Counter.view_status),
    "order/getOrderDaySeq": Api(("app_poi_code",), Counter.day_seq),
    "order/getOrderIdByDaySeq": Api(("app_poi_code", "date_time", "day_seq"), Counter.id_by_day_seq),
    "order/batchFetchAbnormalOrder": Api(
        ("start_time", "end_time", "type", "offset", "limit"), Counter.abnormal_orders
    ),
    "order/refund/agree": Api(("order_id", "reason"), Counter.refund_agree, deed=True),
    "order/refund/reject": Api(("order_id", "reason"), Counter.refund_reject, deed=True),
    "order/applyPartRefund": Api(("order_id", "reason", "food_data"), Counter.apply_part_refund, deed=True),
    "order/getPartRefundFoods": Api(("order_id",), Counter.part_refund_foods),
    "gw/rp/picture/list": Api(("app_poi_code", "order_ids"), Counter.prescription_pictures),
    "medicine/stock": Api(("app_poi_code", "medicine_data"), Counter.medicine_stock),
    "poi/open": Api(("app_poi_code",), Counter.poi_open),
    "poi/close": Api(("app_poi_code",), Counter.poi_close),
}


def _food_data(text: str) -> list[RefundLine]:
    try:
        rows = msgspec.json.decode(text, type=Annotated[list[FoodRow], msgspec.Meta(min_length=1)])
        return msgspec.convert(
            [{"app_medicine_code": row.app_food_code or row.sku_id, "quantity": row.count} for row in rows],
            type=list[RefundLine],
        )
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlatformError(705, f"food_data: {error}") from error

"""All orders, kept in memory: their numbers, their counts per shop and Beijing day, and how they are made."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import count

from installer.simulators.meituan.errors import PlatformError
from installer.simulators.meituan.orders import INSURANCE_TAG, PRESCRIPTION_TAG, Gift, Line, Order
from installer.simulators.meituan.settings import Shop
from installer.simulators.meituan.wishes import NewGift, NewLine, NewOrder

BEIJING = timezone(timedelta(hours=8))
PROMISED_SECONDS = 3000


def beijing_day(now: int) -> int:
    return int(datetime.fromtimestamp(now, BEIJING).strftime("%Y%m%d"))


class OrderBook:
    """`begun` (unix seconds) seeds the ids: 18 digits, above 2^53, and never those of an earlier run."""

    def __init__(self, shops: dict[str, Shop], *, begun: float) -> None:
        self._shops = shops
        self._ids = count(int(begun * 1000) * 100_000)
        self._orders: dict[int, Order] = {}
        self._by_seq: dict[tuple[str, int, int], int] = {}
        self._last_seq: dict[tuple[str, int], int] = {}

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, order_id: int) -> bool:
        return order_id in self._orders

    def next_id(self) -> int:
        return next(self._ids)

    def shop(self, shop_id: str) -> Shop:
        if shop_id not in self._shops:
            raise PlatformError(803, f"shop {shop_id!r} is not in the config")
        return self._shops[shop_id]

    def order(self, order_id: int) -> Order:
        if order_id not in self._orders:
            raise PlatformError(806, f"there is no order {order_id}")
        return self._orders[order_id]

    def last_seq(self, shop_id: str, day: int) -> int:
        return self._last_seq.get((shop_id, day), self.shop(shop_id).first_day_seq - 1)

    def by_seq(self, shop_id: str, day: int, seq: int) -> Order:
        self.shop(shop_id)
        key = (shop_id, day, seq)
        if key not in self._by_seq:
            raise PlatformError(806, f"shop {shop_id} has no order {seq} on {day}")
        return self._orders[self._by_seq[key]]

    def add(self, wish: NewOrder, *, now: int) -> Order:
        shop = self.shop(wish.shop)
        lines = [_line(shop, line) for line in wish.lines]
        gifts = tuple(_gift(shop, gift) for gift in wish.gifts)
        day = beijing_day(now)
        seq = self.last_seq(wish.shop, day) + 1
        wanted = now + wish.booked_minutes * 60 if wish.booked_minutes else 0
        order = Order(
            order_id=self.next_id(),
            shop=wish.shop,
            shop_name=shop.name,
            day=day,
            day_seq=seq,
            created_at=now,
            updated_at=now,
            lines=lines,
            gifts=gifts,
            recipient=wish.recipient,
            caution=wish.caution,
            delivery_time=wanted,
            arrival_time=wanted or now + PROMISED_SECONDS,
            tags=_tags(shop, wish),
            prescription_of=wish.prescription_of,
            self_pickup=wish.self_pickup,
            invoice_title=wish.invoice_title,
            taxpayer_id=wish.taxpayer_id,
            shipping_fen=wish.shipping_fen,
            shipping_discount_fen=min(wish.shipping_discount_fen, wish.shipping_fen),
            empty_extra=seq % 3 == 0 if wish.empty_extra is None else wish.empty_extra,
        )
        self._orders[order.order_id] = order
        self._last_seq[wish.shop, day] = seq
        self._by_seq[wish.shop, day, seq] = order.order_id
        return order


def _tags(shop: Shop, wish: NewOrder) -> tuple[int, ...]:
    listed = [shop.medicine(line.app_medicine_code) for line in wish.lines]
    needed = wish.prescription or any(each is not None and each.prescription for each in listed)
    return tuple(tag for tag, has in ((PRESCRIPTION_TAG, needed), (INSURANCE_TAG, wish.insurance)) if has)


def _line(shop: Shop, wish: NewLine) -> Line:
    listed = shop.medicine(wish.app_medicine_code)
    if listed is None and not wish.name:
        raise PlatformError(3004, f"{wish.app_medicine_code}: not sold here; give a name to order it all the same")
    source = listed or wish
    return Line(
        code=wish.app_medicine_code,
        name=source.name,
        spec=source.spec,
        upc=source.upc,
        unit=source.unit,
        quantity=wish.quantity,
        weight_g=source.weight_g,
        shelf_fen=source.price_fen,
        price_fen=max(source.price_fen - wish.discount_fen, 0),
    )


def _gift(shop: Shop, wish: NewGift) -> Gift:
    listed = shop.medicine(wish.app_medicine_code)
    name = wish.name or (listed.name if listed else "")
    if not name:
        raise PlatformError(3004, f"{wish.app_medicine_code}: not sold here; give the gift a name")
    return Gift(code=wish.app_medicine_code, name=name, quantity=wish.quantity, type=wish.type)

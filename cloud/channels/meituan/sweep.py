"""Finding what no push brought: the day's numbers of a shop one by one, and the platform's own list of orders that went
wrong (facts/channels.md §1.9). Everything goes through `detail`, and known orders cost one cheap query each, once."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator

from cloud.channels.base import Advanced, Cancelled, ChannelOrder, Message, NotUnderstood, Placed, RiderCame
from cloud.channels.meituan.answers import NO_ORDER
from cloud.channels.meituan.client import Client
from cloud.channels.meituan.errors import PlatformError
from cloud.channels.meituan.fields import Fields, as_nested, count, identifier, text, whole
from cloud.channels.meituan.news import RIDER_STATES
from cloud.channels.meituan.order import order
from cloud.channels.meituan.settings import Settings
from domain.orders import OPEN, OrderState
from domain.personal import Rider
from domain.times import DAY, SECOND, Clock, Millis, shown

logger = logging.getLogger(__name__)

Known = Callable[[str], bool]
"""Whether an order needs no asking: the hub has it, and its pushes come."""

MISSES = 3
"""So many numbers without an order in a row end a past day, whose highest number nobody tells."""
MOST_DAYS = 3
MOST_NUMBERS = 9_999
"""A shop's orders of one day; a platform that tells of more is not asked for ever."""
ABNORMAL_ROWS = 100
NOT_PAID = 1
"""The `status` of an order that is not the store's yet."""


class Sweep:
    def __init__(self, client: Client, settings: Settings, clock: Clock, known: Known) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._known = known
        self._ids: dict[tuple[str, int, int], str] = {}

    async def messages(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        """Raises a `PlatformError` when the platform cannot be asked on; what was found until then stands."""
        seen: set[str] = set()
        self._forget_before(_day(self._clock() - MOST_DAYS * DAY))
        for source in (self._by_number(shop, since), self._abnormal(since)):
            async for order_id in source:
                if order_id in seen or self._known(order_id):
                    continue
                seen.add(order_id)
                for message in await self._read(order_id, shop):
                    yield message

    async def detail(self, order_id: str) -> ChannelOrder | None:
        fields = await self._detail(order_id)
        return None if fields is None else order(fields)

    async def _detail(self, order_id: str) -> Fields | None:
        try:
            answer = await self._client.get("order/getOrderDetail", {"order_id": order_id, "is_mt_logistics": "1"})
        except PlatformError as error:
            if error.code == NO_ORDER:
                return None
            raise
        return as_nested(answer, "data", dict[str, object], {}) or None

    async def _read(self, order_id: str, shop: str) -> list[Message]:
        """An order that cannot be read must not hide the others."""
        try:
            fields = await self._detail(order_id)
            return [] if fields is None else list(_news(fields, shop))
        except NotUnderstood as error:
            logger.warning("sweep: the detail of order %s is not understood: %s", order_id, error)
            return []

    async def _by_number(self, shop: str, since: Millis) -> AsyncIterator[str]:
        now = self._clock()
        for days in range(MOST_DAYS - 1, 0, -1):
            if _day(now - days * DAY) >= _day(since):
                async for order_id in self._past_day(shop, _day(now - days * DAY)):
                    yield order_id
        answer = await self._client.get("order/getOrderDaySeq", {"app_poi_code": shop})
        for number in range(1, min(count(_object(answer), "day_seq"), MOST_NUMBERS) + 1):
            today = await self._id(shop, _day(now), number)
            if today:
                yield today

    async def _past_day(self, shop: str, day: int) -> AsyncIterator[str]:
        misses = 0
        for number in range(1, MOST_NUMBERS + 1):
            order_id = await self._id(shop, day, number)
            misses = 0 if order_id else misses + 1
            if order_id:
                yield order_id
            if misses == MISSES:
                return

    async def _id(self, shop: str, day: int, number: int) -> str | None:
        key = (shop, day, number)
        if key not in self._ids:
            try:
                params = {"app_poi_code": shop, "date_time": str(day), "day_seq": str(number)}
                answer = await self._client.get("order/getOrderIdByDaySeq", params)
                self._ids[key] = identifier(_object(answer), "order_id")
            except PlatformError as error:
                if error.code == NO_ORDER:
                    return None
                raise
        return self._ids[key]

    async def _abnormal(self, since: Millis) -> AsyncIterator[str]:
        """One source only: a platform that will not answer it is no reason to stop."""
        params = {
            "start_time": str(since // SECOND),
            "end_time": str(self._clock() // SECOND),
            "type": str(self._settings.abnormal_type),
            "offset": "0",
            "limit": str(ABNORMAL_ROWS),
        }
        try:
            answer = await self._client.post("order/batchFetchAbnormalOrder", params)
            ids = as_nested(answer, "data", list[int | str], [])
        except (PlatformError, NotUnderstood) as error:
            logger.info("sweep: no list of abnormal orders: %s", error)
            return
        for order_id in ids:
            yield str(order_id)

    def _forget_before(self, day: int) -> None:
        self._ids = {key: order_id for key, order_id in self._ids.items() if key[1] >= day}


def _object(answer: object) -> Fields:
    """One source shows these answers as an object, another as a list of one."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    return as_nested(first, "data", dict[str, object], {})


def _news(fields: Fields, shop: str) -> Iterator[Message]:
    found = order(fields)
    if found.shop != shop or whole(fields, "status") == NOT_PAID:
        return
    if found.state is OrderState.CANCELLED:
        yield Cancelled(found.channel_order_id, "system", "")
    elif found.state is OrderState.PLACED:
        yield Placed(found)
    else:
        yield Advanced(found.channel_order_id, found.state, found)
    rider = RIDER_STATES.get(whole(fields, "logistics_status") or 0)
    if rider is not None and found.state in OPEN:
        who = Rider(text(fields, "logistics_dispatcher_name"), text(fields, "logistics_dispatcher_mobile"))
        yield RiderCame(found.channel_order_id, rider, who)


def _day(at: Millis) -> int:
    """20260101, as China counts days."""
    return int(shown(at, "%Y%m%d"))

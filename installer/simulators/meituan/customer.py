"""The scripted customer: plausible orders at a steady mean rate, for the demo. All people here are invented."""

import asyncio
import logging
import random

from installer.simulators.meituan.errors import SimulatorError
from installer.simulators.meituan.orders import Recipient
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.settings import Shop
from installer.simulators.meituan.wishes import NewGift, NewLine, NewOrder, Traffic

logger = logging.getLogger(__name__)

NAMES = ("张(先生)", "李(女士)", "欧阳(先生)", "🌸小鹿(女士)", "陈(女士)", "", "买买提(先生)", "王😷(先生)")
STREETS = ("测试小区", "示例花园", "样板里", "虚构大厦")
NOTES = (
    "",
    "",
    "请放门口，不要敲门，谢谢",
    "孩子发烧，麻烦快一点🙏",
    "到了打 13800000002 这个电话",
    "【如遇缺货】： 缺货时电话与我沟通",
)


class ScriptedCustomer:
    """Orders come as from many independent people: exponential gaps. A closed shop gets none."""

    def __init__(self, platform: Platform, *, chance: random.Random) -> None:
        self._platform = platform
        self._chance = chance
        self._task: asyncio.Task[None] | None = None
        self.traffic = Traffic(orders_per_minute=0)
        self.made = 0

    async def order(self, traffic: Traffic) -> None:
        """Begin, change the rate, or stop with 0."""
        for shop in traffic.shops:
            self._platform.orders.shop(shop)
        await self.stop()
        self.traffic = traffic
        if traffic.orders_per_minute:
            self._task = asyncio.create_task(self._shopping(traffic))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _shopping(self, traffic: Traffic) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(traffic.orders_per_minute / 60))
            try:
                await self._buy(traffic)
            except SimulatorError:
                logger.exception("the scripted customer could not order")

    async def _buy(self, traffic: Traffic) -> None:
        shops = {
            shop_id: shop
            for shop_id, shop in self._platform.config.shops.items()
            if any(medicine.imagined for medicine in shop.medicines)
            and shop_id not in self._platform.closed_shops
            and (not traffic.shops or shop_id in traffic.shops)
        }
        if shops:
            shop_id = self._chance.choice(sorted(shops))
            await self._platform.create(imagined(shop_id, shops[shop_id], self._chance))
            self.made += 1


def imagined(shop_id: str, shop: Shop, chance: random.Random) -> NewOrder:
    usual = [medicine for medicine in shop.medicines if medicine.imagined]
    wanted = chance.sample(usual, k=min(len(usual), chance.choice((1, 1, 2, 2, 3, 4))))
    lines = tuple(
        NewLine(
            app_medicine_code=medicine.app_medicine_code,
            quantity=chance.choice((1, 1, 1, 2, 2, 3)),
            discount_fen=medicine.price_fen // 10 if chance.random() < 0.2 else 0,
        )
        for medicine in wanted
    )
    gift = NewGift(app_medicine_code=chance.choice(usual).app_medicine_code, type=chance.choice((5, 23)))
    return NewOrder(
        shop=shop_id,
        lines=lines,
        gifts=(gift,) if chance.random() < 0.1 else (),
        booked_minutes=chance.choice((60, 90, 120)) if chance.random() < 0.1 else 0,
        recipient=_person(chance),
        caution=chance.choice(NOTES),
        self_pickup=chance.random() < 0.05,
    )


def _person(chance: random.Random) -> Recipient:
    private = f"138{chance.randrange(10**8):08d}_{chance.randrange(10**4):04d}"
    masked = f"138****{chance.randrange(10**4):04d}"
    street = chance.choice(STREETS)
    return Recipient(
        name=chance.choice(NAMES),
        phone=private if chance.random() < 0.9 else masked,
        backup_phones=(private,) if chance.random() < 0.3 else (),
        address=f"{street} {chance.randint(1, 30)}栋{chance.randint(1, 6)}单元@#测试省测试市测试区{street}",
        latitude=round(39.9 + chance.uniform(-0.02, 0.02), 6),
        longitude=round(116.4 + chance.uniform(-0.02, 0.02), 6),
    )

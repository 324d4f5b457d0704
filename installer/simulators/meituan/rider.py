"""The scripted rider: comes when picking is finished, if the switch is on, and brings the order to its end.

An order the customer fetches (`self_pickup`) completes without him.
"""

import asyncio
import logging
from itertools import count

from installer.simulators.meituan.errors import PlatformError
from installer.simulators.meituan.orders import Order
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.wishes import Ride, RideStatus

logger = logging.getLogger(__name__)

JOURNEY: tuple[RideStatus, ...] = (10, 15, 20, 40)
"""Assigned, at the store, picked up, delivered."""

SURNAMES = "赵钱孙李周吴郑王"


class ScriptedRider:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._numbers = count(1)
        self._rides: set[asyncio.Task[None]] = set()

    def picked(self, order: Order) -> None:
        if self._platform.switches.auto_rider:
            ride = asyncio.create_task(self._bring(order))
            self._rides.add(ride)
            ride.add_done_callback(self._rides.discard)

    async def stop(self) -> None:
        for ride in self._rides:
            ride.cancel()
        await asyncio.gather(*self._rides, return_exceptions=True)

    async def _bring(self, order: Order) -> None:
        number = next(self._numbers)
        name = f"{SURNAMES[number % len(SURNAMES)]}骑手"
        mobile = f"139{number % 10**8:08d}_{number % 10**4:04d}"
        try:
            for status in () if order.self_pickup else JOURNEY:
                await asyncio.sleep(self._platform.switches.rider_step_seconds)
                if order.rider.status < status:
                    ride = Ride(logistics_status=status, name=name, mobile=mobile)
                    await self._platform.ride(order, ride)
            await asyncio.sleep(self._platform.switches.rider_step_seconds)
            await self._platform.complete(order)
        except PlatformError as error:
            # Somebody moved the order elsewhere meanwhile (cancelled, refunded, a rider by hand): he goes home.
            logger.info("the rider gives up: %s", error)

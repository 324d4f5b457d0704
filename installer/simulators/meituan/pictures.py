"""Where the platform keeps pictures: no signature, like any picture server; late or ill where the switches say so."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from installer.simulators.meituan.deeds import Stage
from installer.simulators.meituan.orders import Order
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.prescription import draw

PATH = "/pictures/rp"
NOBODY: Response[bytes] = Response(b"", status_code=404)


def addresses(platform: Platform, order: Order) -> list[str]:
    """Of an order's prescription; none for an order without one, and while it is late."""
    shown = platform.orders.order(order.prescription_of or order.order_id)
    late = platform.clock() < order.created_at + platform.switches.picture_late_seconds
    return [] if late or not order.needs_prescription else [f"{platform.url}{PATH}/{shown.order_id}_1.jpg"]


@get(PATH + "/{name:str}")
async def picture(name: FromPath[str], stage: NamedDependency[Stage]) -> Response[bytes]:
    platform = stage.platform
    number = name.partition("_")[0]
    if not number.isdigit() or int(number) not in platform.orders:
        return NOBODY
    if platform.switches.take("picture_fails"):
        return Response(b"", status_code=503)
    content = await asyncio.to_thread(draw, platform.orders.order(int(number)))
    return Response(content, media_type="image/jpeg")

"""/control: what people, the demo and tests can make happen. JSON, bearer token; order ids are text.

A POST without a body takes the defaults. Every POST about an order also takes the fields of `pushes.PushOptions`.
"""

import hmac

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.types import Guard

from installer.simulators.meituan.api import Door
from installer.simulators.meituan.customer import ScriptedCustomer
from installer.simulators.meituan.deeds import DEEDS, BadRequest, Stage, decode
from installer.simulators.meituan.errors import PlatformError, SimulatorError
from installer.simulators.meituan.orders import Order, Refund
from installer.simulators.meituan.views import caused, order_view
from installer.simulators.meituan.wishes import Heartbeat, NewOrder, Traffic

Asked = Request[None, None, State]


def said(value: object, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(value), status_code=status, media_type=MediaType.JSON)


def result(stage: Stage, order: Order, before: int, refund: Refund | None = None) -> Response[bytes]:
    sent = stage.platform.pusher.since(before)
    return said(caused(order, [push for push in sent if push.order_id == str(order.order_id)], refund))


@get("/")
async def index() -> Response[bytes]:
    return said(
        {
            "what": "a simulator of the Meituan platform, modelled on documented behaviour",
            "GET": ["orders", "orders/ORDER_ID", "calls", "pushes", "stock", "switches", "customer"],
            "POST": ["orders", "heartbeat", "pushes/PUSH_ID/again", "switches", "customer"],
            "POST orders/ORDER_ID/…": sorted(DEEDS),
        }
    )


@post("/orders")
async def create(request: Asked, stage: NamedDependency[Stage]) -> Response[bytes]:
    wish = decode(await request.body(), NewOrder)
    before = stage.platform.pusher.last_id
    return result(stage, await stage.platform.create(wish), before)


@get("/orders")
async def orders(stage: NamedDependency[Stage]) -> Response[bytes]:
    return said([order_view(order) for order in stage.platform.orders])


@get("/orders/{order_id:int}")
async def order(order_id: FromPath[int], stage: NamedDependency[Stage]) -> Response[bytes]:
    return said(order_view(stage.platform.orders.order(order_id)))


@post("/orders/{order_id:int}/{deed:str}")
async def do(
    request: Asked, order_id: FromPath[int], deed: FromPath[str], stage: NamedDependency[Stage]
) -> Response[bytes]:
    if deed not in DEEDS:
        raise BadRequest(f"{deed!r} is none of {', '.join(sorted(DEEDS))}")
    found = stage.platform.orders.order(order_id)
    before = stage.platform.pusher.last_id
    refund = await DEEDS[deed].do(stage, found, await request.body())
    return result(stage, found, before, refund)


@post("/heartbeat")
async def heartbeat(request: Asked, stage: NamedDependency[Stage]) -> Response[bytes]:
    push = await stage.platform.heartbeat(decode(await request.body(), Heartbeat))
    return said({"pushes": [push.id] if push else []})


@get("/pushes")
async def pushes(
    stage: NamedDependency[Stage], order_id: FromQuery[str] = "", kind: FromQuery[str] = ""
) -> Response[bytes]:
    """The last few thousand, oldest first, each with its attempts and their answers."""
    return said(
        [push for push in stage.platform.pusher.sent if order_id in ("", push.order_id) and kind in ("", push.kind)]
    )


@post("/pushes/{push_id:int}/again")
async def again(push_id: FromPath[int], stage: NamedDependency[Stage]) -> Response[bytes]:
    """The same bytes once more."""
    push = stage.platform.pusher.again(push_id)
    await stage.platform.pusher.send(push)
    return said({"pushes": [push.id]})


@get("/calls")
async def calls(door: NamedDependency[Door], path: FromQuery[str] = "") -> Response[bytes]:
    """The last few thousand calls received, oldest first."""
    return said([call for call in door.calls if path in ("", call.path)])


@get("/stock")
async def stock(stage: NamedDependency[Stage]) -> Response[bytes]:
    shops: dict[str, dict[str, int]] = {shop: {} for shop in stage.platform.config.shops}
    for (shop, code), left in stage.platform.stock.items():
        shops[shop][code] = left
    return said({"stock": shops, "closed_shops": sorted(stage.platform.closed_shops)})


@get("/switches")
async def switches(stage: NamedDependency[Stage]) -> Response[bytes]:
    return said(stage.platform.switches)


@post("/switches")
async def set_switches(request: Asked, stage: NamedDependency[Stage]) -> Response[bytes]:
    """Only what is given changes."""
    given = decode(await request.body(), dict[str, object])
    try:
        stage.platform.switches = stage.platform.switches.changed(given)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
    return said(stage.platform.switches)


@get("/customer")
async def traffic(customer: NamedDependency[ScriptedCustomer]) -> Response[bytes]:
    return said({"traffic": customer.traffic, "made": customer.made})


@post("/customer")
async def set_traffic(request: Asked, customer: NamedDependency[ScriptedCustomer]) -> Response[bytes]:
    await customer.order(decode(await request.body(), Traffic))
    return said({"traffic": customer.traffic, "made": customer.made})


def refused(request: Request[object, object, State], error: SimulatorError) -> Response[bytes]:
    """400 for a body we cannot read, 409 for what the order's state or the config does not allow."""
    code = error.code if isinstance(error, PlatformError) else None
    status = {803: 404, 806: 404}.get(code or 0, 409) if code else 400
    return said({"error": str(error), "code": code}, status)


def bearer(token: str) -> Guard:
    expected = f"Bearer {token}".encode()

    def check(connection: ASGIConnection[object, object, object, State], _: BaseRouteHandler) -> None:
        given = connection.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise NotAuthorizedException("the control token is missing or wrong")

    return check


def router(token: str) -> Router:
    return Router(
        "/control",
        route_handlers=[
            index,
            create,
            orders,
            order,
            do,
            heartbeat,
            pushes,
            again,
            calls,
            stock,
            switches,
            set_switches,
            traffic,
            set_traffic,
        ],
        guards=[bearer(token)],
        exception_handlers={SimulatorError: refused},
    )

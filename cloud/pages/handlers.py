"""The pages. Each is whole HTML; the script asks for it again when something happened and swaps the middle."""

from typing import Annotated, Any

from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from cloud.gate import admitted
from cloud.operator_api import AtDesk
from cloud.pages.rendering import render
from cloud.pages.words import Words
from cloud.received import PushState
from cloud.views.orders import Wanted
from domain.orders import OrderState

AnyRequest = Request[Any, Any, State]
Page = Response[str]
LANGUAGE = "yaolink_language"
NOT_KEPT = {"cache-control": "no-store"}


def _words(request: AnyRequest) -> Words:
    return Words(request.cookies.get(LANGUAGE, "zh"))


async def page(request: AnyRequest, desk: AtDesk, template: str, **values: object) -> Page:
    body = render(
        template,
        _words(request),
        name=desk.name,
        labels=desk.labels,
        now=desk.clock(),
        waiting=await desk.waiting(),
        here=template.partition(".")[0],
        **values,
    )
    return Response(body, media_type=MediaType.HTML, headers=NOT_KEPT)


async def to_login(request: AnyRequest) -> Redirect | None:
    """Asked before every page but the login's own: where it answers, no page does."""
    return None if admitted(request) else Redirect("/login", headers=NOT_KEPT)


@get("/login", include_in_schema=False)
async def login(request: AnyRequest, desk: AtDesk) -> Page:
    """The script logs in by itself where the address brings the token (`/login?token=…`)."""
    return Response(render("login.html", _words(request), name=desk.name), media_type=MediaType.HTML, headers=NOT_KEPT)


@get("/", include_in_schema=False)
async def orders(
    request: AnyRequest,
    desk: AtDesk,
    store: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    order_state: Annotated[str, QueryParameter(name="state")] = "",
    number: FromQuery[str] = "",
    open: FromQuery[str] = "",
    before: FromQuery[str | None] = None,
) -> Page:
    """An empty field of the form asks for nothing."""
    wanted = Wanted(
        store=store or None,
        state=OrderState(order_state) if order_state in set(OrderState) else None,
        channel=channel or None,
        day_number=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None,
        open=bool(open),
        before=before,
    )
    return await page(
        request,
        desk,
        "orders.html",
        board=await desk.board(wanted),
        stores=await desk.stores(),
        wanted=wanted,
        states=list(OrderState),
    )


@get("/orders/{order_id:str}", include_in_schema=False)
async def order(request: AnyRequest, desk: AtDesk, order_id: FromPath[str]) -> Page:
    return await page(request, desk, "order.html", view=await desk.order(order_id))


@get("/exceptions", include_in_schema=False)
async def exceptions(request: AnyRequest, desk: AtDesk) -> Page:
    return await page(request, desk, "exceptions.html", exceptions=await desk.exceptions())


@get("/stores", include_in_schema=False)
async def stores(request: AnyRequest, desk: AtDesk) -> Page:
    return await page(request, desk, "stores.html", stores=await desk.stores())


@get("/untold", include_in_schema=False)
async def untold(request: AnyRequest, desk: AtDesk, store: FromQuery[str] = "") -> Page:
    return await page(request, desk, "untold.html", untold=await desk.untold(store or None))


@get("/pushes", include_in_schema=False)
async def pushes(request: AnyRequest, desk: AtDesk) -> Page:
    return await page(
        request,
        desk,
        "pushes.html",
        pushes=await desk.pushes(PushState.NEEDS_PERSON),
        rejections=desk.rejections(),
    )


PAGES = [orders, order, exceptions, stores, untold, pushes]

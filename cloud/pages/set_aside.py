"""The page of what stores told and no rule could take."""

from litestar import get
from litestar.params import FromQuery

from cloud.operator_api import AtDesk
from cloud.pages.handlers import AnyRequest, Page, page
from cloud.set_aside.api import AtSetAside
from cloud.set_aside.entries import RETRIED


@get("/set-aside", include_in_schema=False)
async def set_aside(request: AnyRequest, desk: AtDesk, aside: AtSetAside, store: FromQuery[str] = "") -> Page:
    entries = await aside.listed(store or None)
    return await page(request, desk, "set_aside.html", entries=entries, retried=RETRIED, store=store)


PAGES = [set_aside]

"""The pages of the fleet: every store's agent on one, and one store's in full on another."""

from litestar import get
from litestar.params import FromPath, FromQuery

from cloud.fleet.api import AtFleet
from cloud.fleet.listing import Wanted
from cloud.operator_api import AtDesk
from cloud.pages.handlers import AnyRequest, Page, page

DARK_FOR = (5, 60, 24 * 60, 7 * 24 * 60)
"""Minutes to choose from."""


@get("/fleet", include_in_schema=False)
async def fleet(
    request: AnyRequest,
    desk: AtDesk,
    fleet: AtFleet,
    trouble: FromQuery[str] = "",
    version: FromQuery[str] = "",
    text: FromQuery[str] = "",
    dark: FromQuery[str] = "",
    start: FromQuery[str] = "",
) -> Page:
    """An empty field of the form asks for nothing."""
    wanted = Wanted(bool(trouble), version, text, _whole(dark), _whole(start) or 0)
    shown = await fleet.listed(wanted)
    return await page(request, desk, "fleet.html", fleet=shown, wanted=wanted, dark_for=DARK_FOR)


@get("/fleet/{store:str}", include_in_schema=False)
async def fleet_store(request: AnyRequest, desk: AtDesk, fleet: AtFleet, store: FromPath[str]) -> Page:
    return await page(request, desk, "fleet_store.html", seen=await fleet.of(store))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


PAGES = [fleet, fleet_store]

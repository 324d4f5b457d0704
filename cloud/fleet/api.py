"""The fleet in the operator's API."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from cloud.fleet.close_up import CloseUp
from cloud.fleet.desk import FleetDesk
from cloud.fleet.listing import Fleet, Wanted

AtFleet = NamedDependency[FleetDesk]


@get("/fleet")
async def fleet(
    fleet: AtFleet,
    trouble: FromQuery[bool] = False,
    version: FromQuery[str] = "",
    text: FromQuery[str] = "",
    dark: FromQuery[int | None] = None,
    start: FromQuery[int] = 0,
) -> Fleet:
    """Stores with their agents, who needs somebody first: at most 200 from `start` on, of those that match. `dark`:
    only agents that have not been heard for so many minutes."""
    return await fleet.listed(Wanted(trouble, version, text, dark, start))


@get("/fleet/{store:str}")
async def fleet_store(fleet: AtFleet, store: FromPath[str]) -> CloseUp:
    return await fleet.of(store)


@post("/fleet/{store:str}/diagnose", status_code=202)
async def diagnose(fleet: AtFleet, store: FromPath[str]) -> None:
    """The store's agent examines itself and reports, now or once it is connected again."""
    await fleet.diagnose(store)


HANDLERS = [fleet, fleet_store, diagnose]

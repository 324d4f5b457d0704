"""The printers over the local API (docs/local-api.md)."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from agent.parts import Parts
from agent.printing import listing
from agent.printing.listing import PrintersNow, SlipNow

MOST_SLIPS = 200


@get("/api/printers")
async def get_printers(parts: NamedDependency[Parts]) -> PrintersNow:
    return await listing.printers(parts)


@get("/api/slips")
async def get_slips(
    parts: NamedDependency[Parts], printer: FromQuery[str] = "", limit: FromQuery[int] = 20
) -> tuple[SlipNow, ...]:
    """The newest first, `MOST_SLIPS` at most."""
    most = max(1, min(limit, MOST_SLIPS))
    return await parts.work.aread(lambda reading: listing.slips(reading, printer, most))


HANDLERS = [get_printers, get_slips]

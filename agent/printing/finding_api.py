"""Finding printers over the local API."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.parts import Parts
from agent.printing.nearby import FindWish, FoundNow


@post("/api/printers/find", status_code=200)
async def find(parts: NamedDependency[Parts], data: JSONBody[FindWish]) -> FoundNow:
    return await parts.finder.find(data)


HANDLERS = [find]

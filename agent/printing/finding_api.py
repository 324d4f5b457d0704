"""Finding printers over the local API."""

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.parts import Parts
from agent.printing.finding import FoundNow


class FindBody(msgspec.Struct, forbid_unknown_fields=True):
    """`network`: a person asks to have the store's network gone through, or these `networks`; `port` where it is not
    9100."""

    network: bool = False
    networks: tuple[str, ...] = ()
    port: int | None = None


@post("/api/printers/find", status_code=200)
async def find(parts: NamedDependency[Parts], data: JSONBody[FindBody]) -> FoundNow:
    return await parts.finder.find(network=data.network, networks=data.networks, port=data.port)


HANDLERS = [find]

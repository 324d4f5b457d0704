"""The local API of packs that a customer brought back: taken back, or exchanged."""

from collections.abc import Callable

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent.catalogue import Lookup, lookup_in
from agent.local_api import Done
from agent.parts import Parts
from agent.picking import exchanging, returns
from agent.staff import stations
from agent.staff.api import Station
from agent.transactions import Transaction
from agent.verdicts import Told, told_verdict
from domain.rules import Verdict
from domain.staff import Actor


class PackBody(msgspec.Struct, forbid_unknown_fields=True):
    """One that was scanned."""

    text: str


@post("/api/orders/{order_id:str}/returns", status_code=200)
async def take_back(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[PackBody]
) -> Told:
    """A pack that a customer brought back, scanned."""
    return await _scanned(parts, station, order_id, data, returns.take_back)


@post("/api/orders/{order_id:str}/exchange", status_code=200)
async def exchange(
    parts: NamedDependency[Parts], station: Station, order_id: FromPath[str], data: JSONBody[PackBody]
) -> Told:
    """The pack that came back, scanned; then the one that is given for it."""
    return await _scanned(parts, station, order_id, data, exchanging.scan)


@post("/api/orders/{order_id:str}/drop-exchange", status_code=200)
async def drop_exchange(parts: NamedDependency[Parts], order_id: FromPath[str]) -> Done:
    await parts.work.awrite(lambda tx: exchanging.drop(tx, order_id))
    return Done()


async def _scanned(
    parts: Parts,
    station: str,
    order_id: str,
    pack: PackBody,
    judge: Callable[[Transaction, str, str, Actor, Lookup], Verdict],
) -> Told:
    lookup = lookup_in(parts.cache)
    verdict = await parts.work.awrite(lambda tx: judge(tx, order_id, pack.text, stations.worker(tx, station), lookup))
    return told_verdict(verdict, station, order_id)


HANDLERS = [take_back, exchange, drop_exchange]

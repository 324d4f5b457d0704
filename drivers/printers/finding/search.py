"""Looking everywhere at once, for a few seconds, and saying what was found."""

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network

from drivers.printers.finding import identity, mdns, serial
from drivers.printers.finding.found import Found, Way, merged
from drivers.printers.finding.interfaces import Where
from drivers.printers.finding.mdns import Announced
from drivers.printers.finding.recognising import RAW_PORT, Kind
from drivers.printers.finding.subnet import Seen, Target, hosts_of, look_at
from drivers.system import queues, usb

_ANNOUNCE_S, _SCAN_S, _LOOK_S = 2.5, 8.0, 10.0
"""Seconds from the beginning."""


@dataclass(frozen=True, slots=True)
class Wish:
    """`scan`: a person asked for the networks to be gone through, at this `port`. `taken` are serial ports of
    scanners; the network printers in `ours` are in use and not connected to: many take one connection only."""

    where: Where
    scan: bool = False
    port: int = RAW_PORT
    taken: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """`looked_at` addresses of `networks` were gone through, `late` ones were not for want of time. `office` printers
    and `other` programs that listen on the port were seen and left alone."""

    printers: tuple[Found, ...]
    networks: tuple[IPv4Network, ...] = ()
    looked_at: int = 0
    late: int = 0
    office: int = 0
    other: int = 0


def search(wish: Wish) -> Result:
    """Blocks for some four seconds, with a scan for at most fifteen. Prints nothing."""
    began = time.monotonic()
    with ThreadPoolExecutor(5, "finding") as pool:
        ways = (usb.usb_printers, queues.queues, partial(serial.serial_ports, wish.taken))
        attached = [pool.submit(way) for way in ways]
        listening = pool.submit(mdns.browse, wish.where.interfaces, seconds=_ANNOUNCE_S)
        scanned = look_at(_to_scan(wish), until=began + _SCAN_S)
        announced = {(each.host, each.port): each for each in listening.result()}
        looked_up = look_at(_to_look_up(wish, announced.values(), scanned), until=began + _LOOK_S)
        network = _on_network(announced, [*scanned, *looked_up], wish)
        printers = merged((*network, *(found for way in attached for found in way.result())))
    kinds = [each.what.kind for each in (*scanned, *looked_up) if each.what is not None]
    return Result(
        tuple(printers),
        wish.where.networks if wish.scan else (),
        looked_at=sum(not each.late for each in scanned),
        late=sum(each.late for each in scanned),
        office=kinds.count(Kind.OFFICE_PRINTER) + sum(each.office for each in announced.values()),
        other=kinds.count(Kind.SOMETHING_ELSE),
    )


def _to_scan(wish: Wish) -> list[Target]:
    targets = ((host, wish.port) for host in hosts_of(wish.where.networks) if wish.scan)
    return [target for target in targets if address(target) not in wish.ours]


def _to_look_up(wish: Wish, announced: Iterable[Announced], scanned: Iterable[Seen]) -> list[Target]:
    """Who announced itself, without saying that it is an office printer, is looked at like everybody else."""
    done = {each.target for each in scanned if not each.late}
    targets = [(each.host, each.port) for each in announced if not each.office]
    return [target for target in targets if target not in done and address(target) not in wish.ours]


def _on_network(announced: Mapping[Target, Announced], seen: Iterable[Seen], wish: Wish) -> Iterator[Found]:
    for each in seen:
        if each.what is not None and each.what.kind in (Kind.SLIP_PRINTER, Kind.MUTE):
            yield _found(each, announced.get(each.target))
    for target, said in announced.items():
        if address(target) in wish.ours:
            host = str(said.host)
            yield Found(address(target), said.name, (Way.MDNS,), identity.of_host(host), said.model)


def _found(seen: Seen, said: Announced | None) -> Found:
    assert seen.what is not None
    host, what = str(seen.target[0]), seen.what
    model = f"{what.maker} {what.model}".strip() or (said.model if said is not None else "")
    return Found(
        address(seen.target),
        said.name if said is not None else model or host,
        (Way.NETWORK,) if said is None else (Way.MDNS,),
        identity.of_network(host, what.serial),
        model,
        answers=what.kind is Kind.SLIP_PRINTER,
    )


def address(target: tuple[IPv4Address, int]) -> str:
    """As agent.toml writes it."""
    host, port = target
    return f"tcp://{host}:{port}"

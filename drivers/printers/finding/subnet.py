"""Going through a network address by address. Only ever because a person asked for it."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from drivers.printers.finding.recognising import Recognised, recognise

AT_ONCE = 32
"""Few enough for a cheap router, enough for 254 silent addresses in six seconds."""
MOST_ADDRESSES = 1024
Target = tuple[IPv4Address, int]
"""Address and port."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`what` is None where nobody listens. `late`: the time was over before its turn came."""

    target: Target
    what: Recognised | None
    late: bool = False


def look_at(targets: Iterable[Target], *, until: float) -> list[Seen]:
    """A few at a time; none is begun any more after this monotonic second, and each takes four seconds at most."""

    def look(target: Target) -> Seen:
        if time.monotonic() > until:
            return Seen(target, None, late=True)
        host, port = target
        return Seen(target, recognise(str(host), port))

    with ThreadPoolExecutor(AT_ONCE, "finding") as pool:
        return list(pool.map(look, targets))


def hosts_of(networks: Iterable[IPv4Network]) -> Iterator[IPv4Address]:
    """The first so many; a network of thousands is not what a store has."""
    left = MOST_ADDRESSES
    for network in networks:
        for host in network.hosts():
            if not left:
                return
            left -= 1
            yield host

"""Where a printer is now that is no longer where it was. Only an address whose identity was verified is given."""

import logging
import time
from collections.abc import Collection, Iterator
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from drivers.printers.finding import identity, interfaces, mdns
from drivers.printers.finding.attached import attached, bare, is_at
from drivers.printers.finding.recognising import RAW_PORT, Kind, recognise
from drivers.system import neighbours

log = logging.getLogger(__name__)

_ANNOUNCE_S = 2.5
_STRANGER_S = 600.0
"""How long a printer that is not the lost one is left in peace."""


class Lookout:
    """Used by one thread at a time; remembers who was no lost printer, so as not to ask it again at every turn."""

    def __init__(self) -> None:
        self._strangers: dict[tuple[str, str], float] = {}

    def find(self, lost: str, last: str, ours: Collection[str]) -> str | None:
        """Where the printer with the identity `lost` is that was at `last`. Blocks for some seconds; `ours` are in use
        and not asked. None where it is nowhere, or where two claim to be it."""
        if identity.host_of(last):
            places = [place for place in _announced(lost, last) if place not in ours and self._verified(lost, place)]
        else:
            places = [found.address for found in attached() if found.identity == lost and not is_at(found, last)]
        moved = list(dict.fromkeys(place for place in places if place != bare(last)))
        if len(moved) > 1:
            log.warning("%s answers at %s: a person must say which one is meant", lost, " and ".join(moved))
        return moved[0] + last.removeprefix(bare(last)) if len(moved) == 1 else None

    def _verified(self, lost: str, place: str) -> bool:
        """One that showed no identity, for it is just starting or out of paper, is asked again next time."""
        if time.monotonic() < self._strangers.get((lost, place), 0.0):
            return False
        shown = shown_at(place)
        if any(identity.contradict(lost, each) for each in shown):
            self._strangers[lost, place] = time.monotonic() + _STRANGER_S
        return lost in shown


def is_there(lost: str, place: str) -> bool:
    """Whether it is that printer: by its card or by its own word, after speaking to it. Prints nothing."""
    return lost in shown_at(place)


def shown_at(place: str) -> list[str]:
    """The identities that whoever listens there shows; none where that is no printer."""
    host = identity.host_of(place)
    seen = recognise(host, urlsplit(place).port or RAW_PORT) if _is_ipv4(host) else None
    if seen is None or seen.kind not in (Kind.SLIP_PRINTER, Kind.MUTE):
        return []
    return [shown for shown in (identity.of_host(host), identity.of_serial(seen.serial)) if shown]


def _announced(lost: str, last: str) -> Iterator[str]:
    """Who has its card in the system's table of neighbours, and who announces itself."""
    parts = urlsplit(last)
    for host, mac in neighbours.table().items():
        if identity.of_mac(mac) == lost:
            yield f"tcp://{host}:{parts.port or RAW_PORT}"
    host = identity.host_of(last)
    where = interfaces.around(IPv4Address(host)) if _is_ipv4(host) else interfaces.here()
    for said in mdns.browse(where.interfaces, seconds=_ANNOUNCE_S):
        if not said.office:
            yield f"tcp://{said.host}:{said.port}"


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True

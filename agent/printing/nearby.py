"""Which printers are near, and which of them are ours already: for the agent, and for the command line without one."""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import msgspec

from agent.config import BadConfig, Language, PrinterSettings, Settings
from agent.doctor.findings import Said
from agent.pages.words import Words
from agent.printing.known import Known
from agent.printing.misaddressed import opened
from drivers.printers.finding.found import Found, Way
from drivers.printers.same_place import same_place

if TYPE_CHECKING:
    from drivers.printers.finding.interfaces import Where
    from drivers.printers.finding.search import Result

Nearby = Callable[[], "Where"]
"""The networks that may be looked around in."""
_RAW_PORT = 9100
_MOST_NETWORKS = 4
_CHINESE, _ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)


class FindWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`network`: a person asks to have the store's network gone through, or these `networks` (192.168.2.0/24), where
    `port` is listened on."""

    network: bool = False
    networks: tuple[str, ...] = ()
    port: int = _RAW_PORT


class FoundPrinter(msgspec.Struct, frozen=True):
    """`address` and `others` as agent.toml writes them; `answers` False: it took our question and said nothing. `ours`
    names the printer of agent.toml that this is; `moved`: its address there is another."""

    address: str
    name: str
    how: tuple[Way, ...]
    identity: str
    model: str
    answers: bool | None
    others: tuple[str, ...]
    ours: str = ""
    moved: bool = False


class FoundNow(msgspec.Struct, frozen=True):
    """`looked_at` addresses of `networks` were gone through, `late` ones were not for want of time; `office` printers
    and `other` programs on the printers' port were left alone. `advice`: what to check next."""

    printers: tuple[FoundPrinter, ...]
    networks: tuple[str, ...] = ()
    looked_at: int = 0
    late: int = 0
    office: int = 0
    other: int = 0
    advice: tuple[Said, ...] = ()


def around_us() -> "Where":
    """The networks of this computer."""
    from drivers.printers.finding import interfaces

    return interfaces.here()


def networks_of(wish: FindWish) -> list[IPv4Network]:
    """Raises BadConfig for a wish that cannot be."""
    if not 0 < wish.port < 65536:
        raise BadConfig(f"port: {wish.port} is not between 1 and 65535")
    if len(wish.networks) > _MOST_NETWORKS:
        raise BadConfig(f"networks: at most {_MOST_NETWORKS} at a time")
    try:
        networks = [IPv4Network(each) for each in wish.networks]
    except ValueError as error:
        raise BadConfig(f"networks: {error}", hint='write it as "192.168.2.0/24"') from error
    for network in networks:
        if not network.is_private:
            raise BadConfig(f"networks: {network} is no private network", hint="a store's printers are in its own")
    return networks


def look(wish: FindWish, settings: Settings, nearby: Nearby = around_us) -> "Result":
    """Blocks for at most fifteen seconds. Raises BadConfig."""
    networks = networks_of(wish)
    from drivers.printers.finding import interfaces  # zeroconf and its friends: only who looks needs them
    from drivers.printers.finding.search import Wish, search

    return search(
        Wish(
            interfaces.within(networks) if networks else nearby(),
            scan=wish.network,
            port=wish.port,
            taken=_held_by_scanners(settings),
            ours=places_of(settings),
        )
    )


def _held_by_scanners(settings: Settings) -> frozenset[str]:
    """The ports of scanners, wherever those are plugged in now."""
    from drivers.scanners import ports

    held = {scanner.path for scanner in settings.scanners if scanner.path}
    for port in ports.recently():
        if any(scanner.identity in port.names for scanner in settings.scanners if scanner.identity):
            held |= {port.path, *port.others}
    return frozenset(held)


def places_of(settings: Settings) -> frozenset[str]:
    """The addresses of our printers in the form in which others are found."""
    return frozenset(opened(printer.address).address for printer in settings.printers)


def told(result: "Result", settings: Settings, kept: Mapping[str, Known]) -> FoundNow:
    """What was found, with the names of those that are ours."""
    networks = tuple(map(str, result.networks))
    return FoundNow(
        tuple(_marked(found, settings.printers, kept) for found in result.printers),
        networks,
        result.looked_at,
        result.late,
        result.office,
        result.other,
        tuple(Said(_CHINESE(key), _ENGLISH(key)) for key in _advice(result)),
    )


def _marked(found: Found, printers: Sequence[PrinterSettings], kept: Mapping[str, Known]) -> FoundPrinter:
    told = FoundPrinter(found.address, found.name, found.how, found.identity, found.model, found.answers, found.others)
    for printer in printers:
        if any(same_place(printer.address, address) for address in (found.address, *found.others)):
            return msgspec.structs.replace(told, ours=printer.name)
    for printer in printers:
        if found.identity and printer.name in kept and kept[printer.name].identity == found.identity:
            return msgspec.structs.replace(told, ours=printer.name, moved=True)
    return told


def _advice(result: "Result") -> list[str]:
    """What somebody checks who expected more, as keys of words.toml."""
    advice = []
    if any(found.answers is False for found in result.printers):
        advice.append("find.mute")
    if result.late:
        advice.append("find.late")
    if not result.printers:
        advice += ["find.power", "find.driver", "find.other_network" if result.networks else "find.try_network"]
    return advice

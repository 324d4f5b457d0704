"""Looking for printers at a person's wish, and telling which of them are ours already.

Lives in the event loop's thread; the looking itself blocks for seconds, in a thread of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import msgspec

from agent.config import BadConfig, Language, PrinterSettings, Settings
from agent.doctor.findings import Said
from agent.errors import NotNow
from agent.files import WorkFile
from agent.pages.words import Words
from agent.printing import known
from agent.printing.known import Known
from drivers.printers.finding.found import Found, Way
from drivers.printers.same_place import same_place

if TYPE_CHECKING:
    from drivers.printers.finding.interfaces import Where
    from drivers.printers.finding.search import Result

log = logging.getLogger(__name__)

Nearby = Callable[[], "Where"]
"""The networks that this agent may look around in."""
_MOST_NETWORKS = 4
_CHINESE, _ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)


def around_us() -> "Where":
    """Those of this computer."""
    from drivers.printers.finding import interfaces

    return interfaces.here()


class StillLooking(NotNow):
    """One search at a time: two would only slow each other down."""


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


class Finder:
    def __init__(self, settings: Callable[[], Settings], work: WorkFile, nearby: Nearby) -> None:
        self._settings, self._work, self._nearby = settings, work, nearby
        self._one_at_a_time = asyncio.Lock()
        self._listeners: list[Callable[[Sequence[Found]], None]] = []

    def on_found(self, listener: Callable[[Sequence[Found]], None]) -> None:
        """`listener` hears what each search found."""
        self._listeners.append(listener)

    async def find(self, *, network: bool, networks: Sequence[str] = (), port: int | None = None) -> FoundNow:
        """At most fifteen seconds. `networks` instead of those around us, such as 192.168.2.0/24.

        Raises StillLooking, and BadConfig for what is no network.
        """
        asked_for = _networks(networks)
        if port is not None and not 0 < port < 65536:
            raise BadConfig(f"port: {port} is not between 1 and 65535")
        if self._one_at_a_time.locked():
            raise StillLooking("正在查找打印机，请稍候 (a search is going on)")
        async with self._one_at_a_time:
            result, where = await asyncio.to_thread(self._look, network, asked_for, port)
        log.info("looked for printers: %d found, %d addresses gone through", len(result.printers), result.looked_at)
        for listener in self._listeners:
            listener(result.printers)
        kept = await self._work.aread(known.of_all)
        return _told(result, tuple(map(str, where.networks)) if network else (), self._settings().printers, kept)

    def _look(self, network: bool, networks: Sequence[IPv4Network], port: int | None) -> "tuple[Result, Where]":
        from drivers.printers.finding import interfaces  # zeroconf and its friends: only who looks needs them
        from drivers.printers.finding.recognising import RAW_PORT
        from drivers.printers.finding.search import Wish, search

        settings = self._settings()
        where = interfaces.within(networks) if networks else self._nearby()
        wish = Wish(
            where,
            scan=network,
            port=RAW_PORT if port is None else port,
            taken=frozenset(scanner.path for scanner in settings.scanners),
            ours=frozenset(printer.address for printer in settings.printers),
        )
        return search(wish), where


def _networks(written: Sequence[str]) -> list[IPv4Network]:
    if len(written) > _MOST_NETWORKS:
        raise BadConfig(f"networks: at most {_MOST_NETWORKS} at a time")
    try:
        networks = [IPv4Network(each) for each in written]
    except ValueError as error:
        raise BadConfig(f"networks: {error}", hint='write it as "192.168.2.0/24"') from error
    for network in networks:
        if not network.is_private:
            raise BadConfig(f"networks: {network} is no private network", hint="a store's printers are in its own")
    return networks


def _told(
    result: "Result", networks: tuple[str, ...], printers: Sequence[PrinterSettings], kept: dict[str, Known]
) -> FoundNow:
    return FoundNow(
        tuple(_marked(found, printers, kept) for found in result.printers),
        networks,
        result.looked_at,
        result.late,
        result.office,
        result.other,
        tuple(Said(_CHINESE(key), _ENGLISH(key)) for key in _advice(result, networks)),
    )


def _marked(found: Found, printers: Sequence[PrinterSettings], kept: dict[str, Known]) -> FoundPrinter:
    told = FoundPrinter(found.address, found.name, found.how, found.identity, found.model, found.answers, found.others)
    for printer in printers:
        if any(same_place(printer.address, address) for address in (found.address, *found.others)):
            return msgspec.structs.replace(told, ours=printer.name)
    for printer in printers:
        if found.identity and printer.name in kept and kept[printer.name].identity == found.identity:
            return msgspec.structs.replace(told, ours=printer.name, moved=True)
    return told


def _advice(result: "Result", networks: tuple[str, ...]) -> list[str]:
    """What somebody checks who expected more, as keys of words.toml."""
    advice = []
    if any(found.answers is False for found in result.printers):
        advice.append("find.mute")
    if result.late:
        advice.append("find.late")
    if not result.printers:
        advice += ["find.power", "find.driver"]
        advice.append("find.other_network" if networks else "find.try_network")
    return advice

"""Printers that announce themselves (mDNS, DNS-SD). The one home of zeroconf."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from zeroconf import Error, IPVersion, ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

from drivers.printers.finding.recognising import RAW_PORT

log = logging.getLogger(__name__)

RAW = "_pdl-datastream._tcp.local."
SERVICES = (RAW, "_printer._tcp.local.", "_ipp._tcp.local.")
_RESOLVE_MS = 1000
_OFFICE = ("pcl", "postscript", "image/urf", "pwg-raster", "application/pdf")
"""Page languages of office printers, as the TXT keys `pdl` and `usb_CMD` name them."""


@dataclass(frozen=True, slots=True)
class Announced:
    """`port` is where it takes raw bytes. `office`: it says that it speaks a page language, so it is no slip
    printer."""

    host: IPv4Address
    port: int
    name: str
    model: str
    office: bool


@dataclass(slots=True)
class _Names(ServiceListener):
    """Filled in zeroconf's thread."""

    seen: dict[tuple[str, str], None] = field(default_factory=dict)

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.seen[type_, name] = None

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.seen.pop((type_, name), None)


def browse(interfaces: Iterable[IPv4Address], *, seconds: float) -> list[Announced]:
    """Asks from these addresses of ours and listens for so long, and at most a second more for what was not said in
    full. Each host once; empty where multicast is not to be had."""
    wanted = [str(interface) for interface in interfaces]
    if not wanted:
        return []
    until = time.monotonic() + seconds + _RESOLVE_MS / 1000
    try:
        with Zeroconf(interfaces=wanted, ip_version=IPVersion.V4Only) as zeroconf:
            names = _Names()
            browser = ServiceBrowser(zeroconf, list(SERVICES), listener=names)
            time.sleep(seconds)
            browser.cancel()
            infos = [_resolved(zeroconf, *name, until) for name in list(names.seen)]
    except (OSError, Error) as error:
        log.warning("cannot listen for printers that announce themselves: %s", error)
        return []
    return _by_host(info for info in infos if info is not None)


def _resolved(zeroconf: Zeroconf, type_: str, name: str, until: float) -> ServiceInfo | None:
    """Most of it came along with the announcement."""
    info = ServiceInfo(type_, name)
    left_ms = max(1.0, (until - time.monotonic()) * 1000)
    complete = info.load_from_cache(zeroconf) or info.request(zeroconf, min(left_ms, _RESOLVE_MS))
    return info if complete else None


def _by_host(infos: Iterable[ServiceInfo]) -> list[Announced]:
    """A printer announces several services; the raw one knows the port best."""
    hosts: dict[IPv4Address, Announced] = {}
    for info in sorted(infos, key=lambda info: SERVICES.index(info.type)):
        for address in info.parsed_addresses(IPVersion.V4Only):
            host, said = IPv4Address(address), _announced(info, IPv4Address(address))
            first = hosts.setdefault(host, said)
            if said.office and not first.office:
                hosts[host] = Announced(host, first.port, first.name, first.model, office=True)
    return list(hosts.values())


def _announced(info: ServiceInfo, host: IPv4Address) -> Announced:
    text = {key.lower(): value or "" for key, value in info.decoded_properties.items()}
    languages = f"{text.get('pdl', '')},{text.get('usb_cmd', '')}".lower()
    maker_and_model = f"{text.get('usb_mfg', '')} {text.get('usb_mdl', '')}".strip()
    return Announced(
        host,
        info.port if info.type == RAW and info.port else RAW_PORT,
        info.name.removesuffix(f".{info.type}"),
        maker_and_model or text.get("ty", "") or text.get("product", "").strip("()"),
        office=any(word in languages for word in _OFFICE),
    )

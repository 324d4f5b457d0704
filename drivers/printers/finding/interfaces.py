"""This computer's own places in IPv4 networks: from where to ask, and which networks a person may have searched."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

import ifaddr

_MOST_NETWORKS = 4
_LOOPBACK = IPv4Network("127.0.0.0/8")


@dataclass(frozen=True, slots=True)
class Where:
    """`interfaces` are addresses of ours that multicast questions leave from, `networks` what a scan goes through."""

    interfaces: tuple[IPv4Address, ...]
    networks: tuple[IPv4Network, ...]


def here() -> Where:
    """The private networks this computer is in, without itself; of a large one only the /24 around us."""
    own = [address for address in own_addresses() if address.is_private and not address.is_loopback]
    networks = dict.fromkeys(IPv4Network(f"{address}/24", strict=False) for address in own if not address.is_link_local)
    return Where(tuple(own), tuple(networks)[:_MOST_NETWORKS])


def within(networks: Iterable[IPv4Network]) -> Where:
    """These networks and nothing else: multicast questions leave only from where we are in them."""
    networks = tuple(networks)
    own = [address for address in own_addresses() if any(address in network for network in networks)]
    if not own and any(network.overlaps(_LOOPBACK) for network in networks):
        own = [IPv4Address("127.0.0.1")]
    return Where(tuple(own), networks)


def around(address: IPv4Address) -> Where:
    """Where a printer that left this address may be: in the networks of this computer; what was on the loopback
    never left it."""
    return within([_LOOPBACK]) if address in _LOOPBACK else here()


def own_addresses() -> list[IPv4Address]:
    return [
        IPv4Address(each.ip) for adapter in ifaddr.get_adapters() for each in adapter.ips if isinstance(each.ip, str)
    ]

"""Loopback addresses and announcements of this test process alone: others run the same tests beside it, and multicast
reaches them all."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network

from zeroconf import IPVersion, ServiceInfo, Zeroconf

from drivers.printers.finding.mdns import RAW

_PID = os.getpid()
_NETWORK = f"127.{16 + _PID // 256 % 200}.{_PID % 256}"
_used = 0


def house() -> str:
    """A host that no other test has."""
    global _used
    _used += 1
    return f"{_NETWORK}.{_used}"


def terrace(size: int = 8) -> IPv4Network:
    """A network of so many addresses (a power of two) that no other test has."""
    global _used
    first = -(-(_used + 1) // size) * size
    _used = first + size - 1
    return IPv4Network(f"{_NETWORK}.{first}/{33 - size.bit_length()}")


def number(name: str) -> str:
    """A serial number that only this process's printers have."""
    return f"{name}-{_PID}"


def called(name: str) -> str:
    """As it announces itself."""
    return f"{name} {_PID}"


@contextmanager
def announcing(name: str, host: str, port: int, *, kind: str = RAW, **text: str) -> Iterator[None]:
    """A printer's own announcement, on the loopback only."""
    info = ServiceInfo(
        kind,
        f"{called(name)}.{kind}",
        port,
        properties=text,
        server=f"{host.replace('.', '-')}.local.",
        addresses=[socket.inet_aton(host)],
    )
    with Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only) as zeroconf:
        zeroconf.register_service(info, cooperating_responders=True)  # does not probe for a second first
        yield

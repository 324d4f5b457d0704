"""What stays of a printer when its address changes: the MAC of its network card, or the serial number of its maker."""

import re
from urllib.parse import urlsplit

from drivers.system import neighbours

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_NO_MAC = {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}
_SHORTEST_SERIAL = 4


def of_mac(mac: str) -> str:
    """Empty for what is no card's own address."""
    written = mac.strip().lower().replace("-", ":")
    return f"mac:{written}" if _MAC.fullmatch(written) and written not in _NO_MAC else ""


def of_serial(number: str) -> str:
    """Empty for what makers write into every device: 0000, 1234567890, nothing."""
    number = number.strip()
    plain = re.sub(r"[^0-9A-Za-z]", "", number)
    if len(plain) < _SHORTEST_SERIAL or len(set(plain)) == 1 or plain in "012345678901234567890":
        return ""
    return f"serial:{number}"


def of_host(host: str) -> str:
    """By the system's table of neighbours, so only of a host that was just spoken to, and in this very network."""
    return of_mac(neighbours.table().get(host, ""))


def of_network(host: str, serial: str) -> str:
    """The card first: makers of cheap printers give many of them one serial number."""
    return of_host(host) or of_serial(serial)


def contradict(one: str, other: str) -> bool:
    """Two numbers of one kind; a MAC and a serial number may belong to one printer."""
    return one != other and one.partition(":")[0] == other.partition(":")[0]


def host_of(address: str) -> str:
    """The IP address or name of a network printer, empty for any other kind."""
    parts = urlsplit(address)
    return parts.hostname or "" if parts.scheme == "tcp" else ""

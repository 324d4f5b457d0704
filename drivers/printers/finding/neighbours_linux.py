"""Which network card stands behind an IPv4 address: the kernel's table of neighbours, read, never filled by us."""

from pathlib import Path

_COMPLETE = 0x2
"""ATF_COM of <net/if_arp.h>: the MAC is known, not only asked for."""


def table(arp: Path = Path("/proc/self/net/arp")) -> dict[str, str]:
    """IPv4 address to MAC; empty where the system does not tell. (/proc/net is hidden from the service.)"""
    try:
        rows = [line.split() for line in arp.read_text(encoding="ascii").splitlines()[1:]]
    except OSError:
        return {}
    return {row[0]: row[3] for row in rows if len(row) >= 6 and int(row[2], 16) & _COMPLETE}

"""What hangs on this computer, and by what the printer at an address is known again."""

from drivers.printers.finding import identity
from drivers.printers.finding.found import Found
from drivers.printers.finding.serial import serial_ports
from drivers.system import usb


def attached() -> list[Found]:
    """On USB and on serial ports; nothing is opened."""
    return [*usb.usb_printers(), *serial_ports(())]


def identity_at(address: str, serial: str) -> str:
    """Of the printer that was just spoken to there, and said that it has this serial number; empty where it shows
    nothing that lasts."""
    if host := identity.host_of(address):
        return identity.of_network(host, serial)
    here = next((found.identity for found in attached() if is_at(found, address)), "")
    return here or identity.of_serial(serial)


def is_at(found: Found, address: str) -> bool:
    return bare(address) in (found.address, *found.others)


def bare(address: str) -> str:
    """Without the speed of a serial line."""
    return address.partition("?")[0]

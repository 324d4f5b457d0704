"""Virtual scanners as the system would list them."""

from drivers.scanners.attached import Device
from drivers.scanners.base import Kind
from drivers.virtual.scanner import VirtualScanner

USB = "usb:0c2e:0b6a"


def listed(scanner: VirtualScanner, *, serial: str = "", plug: str = "", line: bool = False) -> list[Device]:
    """Nothing while it is unplugged."""
    if not scanner.is_plugged_in:
        return []
    return [Device(Kind.SERIAL, scanner.path, "Virtual scanner", USB, serial, plug, speed_matters=line)]

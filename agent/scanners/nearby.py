"""What hangs on this computer and may be a scanner. Nothing is opened for it."""

from agent.config import Settings
from drivers.scanners import ports
from drivers.scanners.attached import Device
from drivers.system import hid


def attached_here() -> tuple[Device, ...]:
    """Blocks for some milliseconds."""
    return (*ports.serial_ports(), *hid.keyboards())


def no_printers(devices: tuple[Device, ...], settings: Settings) -> tuple[Device, ...]:
    """Without the ports at which our printers are."""
    taken = {printer.address.removeprefix("serial://").partition("?")[0] for printer in settings.printers}
    return tuple(device for device in devices if not taken & {device.path, *device.others})

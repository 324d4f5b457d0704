"""Printers on USB that Windows' own printer driver does not hold: those with a WinUSB driver, where pyusb is
installed. The usual ones are queues (`queues_windows`)."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from drivers.printers.finding import identity
from drivers.printers.finding.found import Found, Way

if TYPE_CHECKING:
    import usb.core

log = logging.getLogger(__name__)

_PRINTER_CLASS = 7


def usb_printers() -> list[Found]:
    try:
        import usb.core
        import usb.util
    except ImportError:
        return []
    try:
        devices: Iterable[usb.core.Device] = usb.core.find(find_all=True)
        return [_found(device) for device in devices if _is_printer(device)]
    except (usb.core.NoBackendError, usb.core.USBError) as error:
        log.info("USB devices cannot be listed: %s", error)
        return []


def _is_printer(device: "usb.core.Device") -> bool:
    return any(interface.bInterfaceClass == _PRINTER_CLASS for configuration in device for interface in configuration)


def _found(device: "usb.core.Device") -> Found:
    maker, product, serial = (_string(device, i) for i in (device.iManufacturer, device.iProduct, device.iSerialNumber))
    model, ids = f"{maker} {product}".strip(), f"{device.idVendor:04x}:{device.idProduct:04x}"
    known = identity.of_serial(serial)
    return Found(f"usb://{ids}" + (f"/{serial}" if known else ""), model or f"USB {ids}", (Way.USB,), known, model)


def _string(device: "usb.core.Device", index: int) -> str:
    """Empty for a device whose driver lets nobody read it."""
    import usb.core
    import usb.util

    try:
        return usb.util.get_string(device, index) or "" if index else ""
    except (usb.core.USBError, ValueError, NotImplementedError):
        return ""

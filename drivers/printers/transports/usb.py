"""Printers on USB without a driver of the system's in between, through pyusb, which need not be installed.

Nothing is detached, replaced, reset or configured: a printer that a driver holds is reached through that driver
(`file:///dev/usb/lp0`, or its queue). On Windows only printers with a WinUSB driver can be opened at all.
"""

import errno
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from drivers.errors import PrinterUnreachable

if TYPE_CHECKING:
    from usb.backend import IBackend
    from usb.core import Device, Endpoint, Interface

_PRINTER = (7, 1)
_TWO_WAY = 2
_IN = 0x80
_BULK = 2
_STALL_MS = 30_000
_CHUNK = 16_384
_PAUSE_S = 0.02


def open_usb(vendor: int, product: int, serial: str = "", backend: "IBackend | None" = None) -> "UsbWire":
    """`serial` tells printers of one model apart. Raises OSError, or PrinterUnreachable with what to do."""
    try:
        import usb.core
        import usb.util
    except ImportError as error:
        raise PrinterUnreachable(
            "USB printers need pyusb, which is not installed",
            hint="Install it (pip install 'yaolink[usb]'), or use the system's own driver: file:///dev/usb/lp0 on "
            "Linux, spooler://QUEUE NAME on Windows.",
        ) from error
    try:
        device = _the_one(usb.core.find(find_all=True, backend=backend, idVendor=vendor, idProduct=product), serial)
        interface = _printer_interface(device)
    except usb.core.NoBackendError as error:
        raise PrinterUnreachable(
            "pyusb finds no libusb on this computer",
            hint="Install libusb-1.0 (Debian: apt install libusb-1.0-0), or use the printer's queue.",
        ) from error
    try:
        _leave_drivers_alone(device, interface)
        usb.util.claim_interface(device, interface)
        if interface.bAlternateSetting:
            interface.set_altsetting()
    except BaseException:
        usb.util.dispose_resources(device)
        raise
    return UsbWire(device, interface)


class UsbWire:
    def __init__(self, device: "Device", interface: "Interface") -> None:
        self._device = device
        self._out = _endpoint(interface, 0)
        self._in = _endpoint(interface, _IN)

    def write(self, data: bytes) -> None:
        """A transfer that times out after part of it says how much went; one that moved nothing raises."""
        if self._out is None:
            raise OSError(errno.ENODEV, "this USB printer has nowhere to send to")
        left = memoryview(data)
        while left:
            left = left[self._out.write(bytes(left[:_CHUNK]), _STALL_MS) :]

    def read(self, timeout: float) -> bytes:
        from usb.core import USBTimeoutError

        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0 and self._in is not None:
            with suppress(USBTimeoutError):
                if data := self._in.read(self._in.wMaxPacketSize, max(1, round(left * 1000))):
                    return bytes(data)
            time.sleep(min(_PAUSE_S, left))  # many printers send empty packets all the time
        time.sleep(max(0.0, deadline - time.monotonic()))
        return b""

    def fileno(self) -> int | None:
        return None

    def close(self) -> None:
        """Gives the interface back, an unplugged one too."""
        import usb.util

        usb.util.dispose_resources(self._device)


def _the_one(devices: "Iterable[Device]", serial: str) -> "Device":
    import usb.util

    found, serials = [], []
    for device in devices:
        own = _serial_of(device)
        if not serial or own == serial:
            found.append(device)
            serials.append(own or "(none)")
        else:
            usb.util.dispose_resources(device)
    if len(found) == 1:
        return found[0]
    for device in found:
        usb.util.dispose_resources(device)
    if found:
        raise OSError(f"several such printers are plugged in; add a serial number to the address: {', '.join(serials)}")
    raise OSError(errno.ENODEV, "no such USB printer is plugged in")


def _serial_of(device: "Device") -> str:
    """Empty where the printer has none, or does not let us read it."""
    import usb.core
    import usb.util

    try:
        return str(usb.util.get_string(device, device.iSerialNumber) or "") if device.iSerialNumber else ""
    except (usb.core.USBError, ValueError, NotImplementedError):
        return ""


def _printer_interface(device: "Device") -> "Interface":
    """The setting that talks both ways, where there are several. IPP over USB (protocol 4) is none for bytes."""
    settings = [
        interface
        for interface in device.get_active_configuration()
        if (interface.bInterfaceClass, interface.bInterfaceSubClass) == _PRINTER
        and interface.bInterfaceProtocol in (1, _TWO_WAY, 3)
    ]
    if not settings:
        raise OSError(errno.ENODEV, "this USB device is no printer")
    return min(settings, key=lambda interface: (interface.bInterfaceProtocol != _TWO_WAY, interface.bAlternateSetting))


def _leave_drivers_alone(device: "Device", interface: "Interface") -> None:
    try:
        is_held = device.is_kernel_driver_active(interface.bInterfaceNumber)
    except NotImplementedError:  # Windows, where only a printer without one can be opened
        is_held = False
    if is_held:
        raise PrinterUnreachable(
            "the system's own driver holds this USB printer",
            hint="Use it through that driver: file:///dev/usb/lp0, or the printer's queue.",
        )


def _endpoint(interface: "Interface", direction: int) -> "Endpoint | None":
    return next(
        (
            endpoint
            for endpoint in interface
            if endpoint.bEndpointAddress & _IN == direction and endpoint.bmAttributes & 3 == _BULK
        ),
        None,
    )

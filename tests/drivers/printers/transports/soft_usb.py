"""USB printers made of software, behind pyusb's own backend interface: bulk bytes lead to a virtual printer."""

import errno
import socket
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import usb.backend
from usb.core import USBError, USBTimeoutError

OUT, IN = 0x01, 0x82
_LANGUAGES, _SERIAL = 0, 3
_ENGLISH = b"\x09\x04"


@dataclass
class SoftDevice:
    """`protocols` of its interface's settings, in order. `address` is where its bytes go."""

    address: tuple[str, int] = ("127.0.0.1", 0)
    serial: str = "X1"
    vendor: int = 0x0416
    product: int = 0x5011
    interface_class: int = 7
    protocols: tuple[int, ...] = (1, 2)
    kernel_driver: bool = False
    is_claimed: bool = False
    plugged: bool = True
    chosen: list[int] = field(default_factory=list)
    """Settings that were switched to."""


@dataclass
class Handle:
    device: SoftDevice
    link: socket.socket | None = None
    claimed: bool = False


class SoftUsb(usb.backend.IBackend):  # type: ignore[misc]  # pyusb has no types
    def __init__(self, *devices: SoftDevice) -> None:
        self.devices = list(devices)
        self.open_handles = 0

    def enumerate_devices(self) -> Iterator[SoftDevice]:
        return iter([device for device in self.devices if device.plugged])

    def get_device_descriptor(self, dev: SoftDevice) -> SimpleNamespace:
        return SimpleNamespace(
            **dict.fromkeys(("bDeviceClass", "bDeviceSubClass", "bDeviceProtocol", "iManufacturer", "iProduct"), 0),
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bMaxPacketSize0=64, bcdDevice=0x100, bNumConfigurations=1,
            idVendor=dev.vendor, idProduct=dev.product, iSerialNumber=_SERIAL if dev.serial else 0,
            address=1, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: SoftDevice, config: int) -> SimpleNamespace:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=50, extra_descriptors=(),
        )  # fmt: skip

    def get_interface_descriptor(self, dev: SoftDevice, intf: int, alt: int, config: int) -> SimpleNamespace:
        if intf or alt >= len(dev.protocols):
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=alt, bNumEndpoints=2,
            bInterfaceClass=dev.interface_class, bInterfaceSubClass=1, bInterfaceProtocol=dev.protocols[alt],
            iInterface=0, extra_descriptors=(),
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: SoftDevice, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        if ep > 1:
            raise IndexError
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=(),
        )  # fmt: skip

    def open_device(self, dev: SoftDevice) -> Handle:
        self.open_handles += 1
        return Handle(dev)

    def close_device(self, dev_handle: Handle) -> None:
        self.open_handles -= 1
        if dev_handle.link:
            dev_handle.link.close()

    def get_configuration(self, dev_handle: Handle) -> int:
        return 1

    def is_kernel_driver_active(self, dev_handle: Handle, intf: int) -> bool:
        return dev_handle.device.kernel_driver

    def claim_interface(self, dev_handle: Handle, intf: int) -> None:
        if dev_handle.device.is_claimed:
            raise USBError("Resource busy", -6, errno.EBUSY)
        dev_handle.device.is_claimed = True
        dev_handle.link = socket.create_connection(dev_handle.device.address)

    def release_interface(self, dev_handle: Handle, intf: int) -> None:
        dev_handle.device.is_claimed = False

    def set_interface_altsetting(self, dev_handle: Handle, intf: int, altsetting: int) -> None:
        dev_handle.device.chosen.append(altsetting)

    def bulk_write(self, dev_handle: Handle, ep: int, intf: int, data: "array[int]", timeout: int) -> int:
        assert ep == OUT
        link = self._link(dev_handle)
        link.settimeout(timeout / 1000)
        try:
            return link.send(data)
        except TimeoutError as error:
            raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT) from error

    def bulk_read(self, dev_handle: Handle, ep: int, intf: int, buff: "array[int]", timeout: int) -> int:
        assert ep == IN
        link = self._link(dev_handle)
        link.settimeout(timeout / 1000)
        try:
            data = link.recv(len(buff))
        except TimeoutError as error:
            raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT) from error
        if not data:
            raise USBError("Input/Output Error", -1, errno.EIO)
        buff[: len(data)] = array("B", data)
        return len(data)

    def ctrl_transfer(
        self, dev_handle: Handle, kind: int, request: int, value: int, index: int, data: "array[int]", timeout: int
    ) -> int:  # fmt: skip
        """Only strings are ever asked for."""
        text = _ENGLISH if value & 0xFF == _LANGUAGES else dev_handle.device.serial.encode("utf-16-le")
        descriptor = array("B", bytes((len(text) + 2, 3)) + text)
        data[: len(descriptor)] = descriptor
        return len(descriptor)

    def _link(self, handle: Handle) -> socket.socket:
        if not handle.device.plugged or handle.link is None:
            raise USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)
        return handle.link

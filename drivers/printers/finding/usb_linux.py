"""Printers on USB, as the kernel describes them in /sys. Nothing is opened."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from drivers.printers.finding import identity
from drivers.printers.finding.found import Found, Way

_PRINTER_CLASS = "07"


def usb_printers(sys: Path = Path("/sys"), dev: Path = Path("/dev")) -> list[Found]:
    """Through the kernel's printer driver where it holds one (/dev/usb/lp0), else as usb://."""
    return [_found(interface, dev) for interface in _printer_interfaces(sys)]


def _printer_interfaces(sys: Path) -> Iterator[Path]:
    """The first of each device."""
    devices = set[Path]()
    with suppress(OSError):
        for interface in sorted((sys / "bus/usb/devices").iterdir()):
            device = interface.resolve().parent
            if _text(interface / "bInterfaceClass") == _PRINTER_CLASS and device not in devices:
                devices.add(device)
                yield interface.resolve()


def _found(interface: Path, dev: Path) -> Found:
    device = interface.parent
    vendor, product, serial = (_text(device / name) for name in ("idVendor", "idProduct", "serial"))
    model = f"{_text(device / 'manufacturer')} {_text(device / 'product')}".strip()
    return Found(
        _address(interface, dev, vendor, product, serial),
        model or f"USB {vendor}:{product}",
        (Way.USB,),
        identity.of_serial(serial),
        model,
    )


def _address(interface: Path, dev: Path, vendor: str, product: str, serial: str) -> str:
    """usblp keeps its nodes in the interface's folder `usbmisc`."""
    nodes = sorted((interface / "usbmisc").glob("lp*"))
    if nodes:
        return f"file://{dev / 'usb' / nodes[0].name}"
    return f"usb://{vendor}:{product}" + (f"/{serial}" if identity.of_serial(serial) else "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

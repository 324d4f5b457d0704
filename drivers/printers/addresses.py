"""From the address in a settings file to a printer.

tcp://192.168.1.50:9100
serial:///dev/serial/by-id/usb-…?baud=9600&flow=dtr    serial://COM3?baud=19200
usb://0416:5011    usb://0416:5011/SERIAL
file:///dev/usb/lp0
cups://QUEUE
spooler://QUEUE NAME as Windows shows it
"""

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from drivers.errors import BadAddress
from drivers.printers.base import Printer
from drivers.printers.transports.queue import QueuePrinter
from drivers.printers.transports.serial import Flow, open_serial
from drivers.printers.transports.tcp import open_tcp
from drivers.printers.transports.usb import open_usb
from drivers.printers.transports.wired import WiredPrinter
from drivers.system import node, spool

_PORT = re.compile(r"/.+|COM\d+", re.ASCII)
_USB_IDS = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}", re.ASCII | re.IGNORECASE)
_BAUDS = (1200, 2400, 4800, 9600, 14400, 19200, 38400, 57600, 115200, 230400)
_USUAL_BAUD = 9600


def open_printer(address: str) -> Printer:
    """Connects to nothing yet. Raises BadAddress."""
    scheme, separator, rest = address.partition("://")
    opener = _OPENERS.get(scheme) if separator else None
    if opener is None:
        raise BadAddress(f"{address!r} is no printer address: it begins with none of {', '.join(_OPENERS)}")
    try:
        return opener(rest)
    except ValueError as error:
        raise BadAddress(f"{address!r} is no printer address: {error}") from error


def _tcp(rest: str) -> Printer:
    parts = urlsplit(f"tcp://{rest}")
    host, port = parts.hostname, 9100 if parts.port is None else parts.port
    if not host or not port or parts.path.strip("/") or parts.query:
        raise ValueError("HOST:PORT is wanted")
    shown = f"[{host}]" if ":" in host else host
    return WiredPrinter(f"tcp://{shown}:{port}", partial(open_tcp, host, port))


def _serial(rest: str) -> Printer:
    port, _, query = rest.partition("?")
    options = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    baud = int(options.pop("baud", str(_USUAL_BAUD)))
    flow = Flow(options.pop("flow", Flow.NONE))
    if not _PORT.fullmatch(port):
        raise ValueError("a device path or COM and a number is wanted")
    if baud not in _BAUDS:
        raise ValueError(f"baud is one of {', '.join(map(str, _BAUDS))}")
    if options:
        raise ValueError(f"unknown: {', '.join(options)}; baud and flow are known")
    settings = f"?baud={baud}" + (f"&flow={flow}" if flow is not Flow.NONE else "")
    return WiredPrinter(f"serial://{port}{settings}", partial(open_serial, port, baud, flow))


def _file(rest: str) -> Printer:
    if not rest.startswith("/"):
        raise ValueError("an absolute path is wanted, as in file:///dev/usb/lp0")
    return WiredPrinter(f"file://{rest}", partial(node.open_node, rest))


def _usb(rest: str) -> Printer:
    device, _, serial = rest.partition("/")
    if not _USB_IDS.fullmatch(device):
        raise ValueError("VID:PID is wanted, four hexadecimal digits each")
    vendor, product = (int(part, 16) for part in device.split(":"))
    address = f"usb://{device.lower()}" + (f"/{serial}" if serial else "")
    return WiredPrinter(address, partial(open_usb, vendor, product, serial))


def _cups(rest: str) -> Printer:
    name = unquote(rest)
    return _queue("cups", name, f"cups://{quote(name)}")


def _spooler(rest: str) -> Printer:
    return _queue("spooler", rest, f"spooler://{rest}")


def _queue(scheme: str, name: str, address: str) -> Printer:
    if scheme != spool.SCHEME:
        raise ValueError(f"this system's queues are {spool.SCHEME}://")
    if not name:
        raise ValueError("the queue's name is wanted")
    return QueuePrinter(address, spool.SystemQueue(name))


_OPENERS: dict[str, Callable[[str], Printer]] = {
    "tcp": _tcp,
    "serial": _serial,
    "usb": _usb,
    "file": _file,
    "cups": _cups,
    "spooler": _spooler,
}

"""From the address in a settings file to a printer."""

from functools import partial
from urllib.parse import SplitResult, urlsplit

from drivers.errors import BadAddress
from drivers.printers.base import Printer
from drivers.printers.transports.tcp import open_tcp
from drivers.printers.transports.wired import WiredPrinter


def open_printer(address: str) -> Printer:
    """Connects to nothing yet. Raises BadAddress."""
    try:
        parts = urlsplit(address)
        opener = _OPENERS.get(parts.scheme)
        printer = opener(parts) if opener else None
    except ValueError as error:
        raise BadAddress(f"{address!r} is no printer address: {error}") from error
    if printer is None:
        raise BadAddress(f"{address!r} is no printer address")
    return printer


def _tcp(parts: SplitResult) -> Printer | None:
    host, port = parts.hostname, 9100 if parts.port is None else parts.port
    if not host or parts.path.strip("/") or parts.query or not port:
        return None
    shown = f"[{host}]" if ":" in host else host
    return WiredPrinter(f"tcp://{shown}:{port}", partial(open_tcp, host, port))


_OPENERS = {"tcp": _tcp}

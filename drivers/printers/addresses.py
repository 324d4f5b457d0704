"""From the address in a settings file to a printer."""

from urllib.parse import urlsplit

from drivers.errors import BadAddress
from drivers.printers.base import Printer
from drivers.printers.tcp import TcpPrinter


def open_printer(address: str) -> Printer:
    """Connects to nothing yet. Raises BadAddress."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, 9100 if parts.port is None else parts.port
    except ValueError as error:
        raise BadAddress(f"{address!r} is no printer address: {error}") from error
    if parts.scheme != "tcp" or not host or parts.path.strip("/") or parts.query or not port:
        raise BadAddress(f"{address!r} is no printer address")
    return TcpPrinter(host, port)

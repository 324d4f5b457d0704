"""A printer whose address nobody understands: a slip of the pen in agent.toml while the agent runs. It can never be
reached, and keeps nothing else from working."""

from drivers.errors import BadAddress, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.base import Printer, Session, Use
from drivers.printers.capability import Capabilities


class Misaddressed:
    def __init__(self, address: str, error: BadAddress) -> None:
        self.address, self.capabilities = address, Capabilities()
        self._error = error

    def connect(self, use: Use = Use.SHARED) -> Session:
        raise PrinterUnreachable(str(self._error)) from self._error


def opened(address: str) -> Printer:
    """The printer there, or one that says at each try that there is none."""
    try:
        return open_printer(address)
    except BadAddress as error:
        return Misaddressed(address, error)

"""What somebody says who listens at an address, before it is ours. Nothing is printed, and nothing left set."""

import msgspec

from drivers.errors import ConnectionLost, PrinterUnreachable
from drivers.printers.addresses import open_printer
from drivers.printers.base import Printer
from drivers.printers.capability import Capabilities
from drivers.printers.finding.attached import identity_at
from drivers.printers.probe import probe
from drivers.printers.status import Blocked, PrinterStatus


class Heard(msgspec.Struct, frozen=True):
    """`state` is ready, blocked or unknown (it tells nothing), `cause` why it is not ready; `message` and `hint` say in
    English why it could not be reached."""

    address: str
    reachable: bool
    state: str
    cause: str = ""
    paper_near_end: bool = False
    capabilities: Capabilities | None = None
    identity: str = ""
    message: str = ""
    hint: str = ""


def hear(address: str) -> Heard:
    """Blocks for some seconds. Raises drivers.errors.BadAddress."""
    printer = open_printer(address)
    try:
        with printer.connect() as session:
            status, told = session.status(), _told(printer, session.probe())
    except (PrinterUnreachable, ConnectionLost) as error:
        return Heard(printer.address, False, "blocked", Blocked.unreachable, message=str(error), hint=error.hint)
    return Heard(
        address=printer.address,
        reachable=True,
        state=_state(status),
        cause=status.blocked or "",
        paper_near_end=status.paper_near_end,
        capabilities=told.capabilities,
        identity=told.identity,
    )


class Told(msgspec.Struct, frozen=True):
    """What a printer can prove, and by what it is recognised: the MAC of its network card, or its serial number; empty
    where it shows neither."""

    address: str
    capabilities: Capabilities
    identity: str


def hear_all(printer: Printer) -> Told:
    """Blocks for some seconds. Raises PrinterUnreachable, ConnectionLost."""
    return _told(printer, probe(printer))


def _told(printer: Printer, capabilities: Capabilities) -> Told:
    return Told(printer.address, capabilities, identity_at(printer.address, capabilities.serial))


def _state(status: PrinterStatus) -> str:
    if status.blocked is not None:
        return "blocked"
    return "ready" if status.answered else "unknown"

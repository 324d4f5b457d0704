"""The test slip of one printer: `drivers.printers.test_slip` draws it, here is what it is told."""

from typing import Literal

import msgspec

from agent.config import PrinterSettings
from agent.printing import known
from agent.slips import Slip
from agent.transactions import Reading
from domain.templates import SlipTemplates
from drivers.printers import test_slip
from drivers.printers.capability import Capabilities
from drivers.printers.document import Document, paper


class _Subject(msgspec.Struct, frozen=True):
    """The printer as it was set when somebody asked for the slip."""

    address: str = ""
    paper: Literal[58, 80] = 58
    columns: Literal[32, 42, 48] | None = None


def subject(printer: PrinterSettings) -> str:
    """What the slip of this printer is about."""
    return msgspec.json.encode(_Subject(printer.address, printer.paper, printer.columns)).decode()


def printer_slip(reading: Reading, slip: Slip, templates: SlipTemplates) -> Document:
    """No look of the chain's changes it: it is there to be measured. Without a subject it fits every paper."""
    about = msgspec.json.decode(slip.subject, type=_Subject) if slip.subject else _Subject()
    capabilities = known.of(reading, slip.pinned).capabilities or Capabilities()
    return test_slip.document(slip.pinned, about.address, paper(about.paper, about.columns), capabilities)

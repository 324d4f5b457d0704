"""The test slip of one printer: `drivers.printers.test_slip` draws it, here is what it is told. What tests a scanner is
another (`agent.documents.scanner_sheet`)."""

import msgspec

from agent.config import PrinterSettings
from agent.documents import scanner_sheet
from agent.printing import known
from agent.slips import Slip
from agent.transactions import Reading
from domain.templates import SlipTemplates
from drivers.printers import test_slip
from drivers.printers.capability import Capabilities
from drivers.printers.document import Document, paper

_ANY = PrinterSettings(name="", address="", paper=58)
"""Fits every paper."""


def subject(printer: PrinterSettings) -> str:
    """What the slip of this printer is about: the printer as it was set when somebody asked for the slip."""
    return msgspec.json.encode(printer).decode()


def printer_slip(reading: Reading, slip: Slip, templates: SlipTemplates) -> Document:
    """No look of the chain's changes it: it is there to be measured."""
    if slip.subject == scanner_sheet.SUBJECT:
        return scanner_sheet.scanner_sheet()
    about = msgspec.json.decode(slip.subject, type=PrinterSettings) if slip.subject else _ANY
    capabilities = about.able(known.of(reading, slip.pinned).capabilities or Capabilities())
    return test_slip.document(slip.pinned, about.address, paper(about.paper, about.columns), capabilities)

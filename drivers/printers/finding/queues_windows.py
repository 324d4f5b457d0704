"""The queues of the Windows spooler on this computer."""

import logging

import pywintypes
import win32print

from drivers.printers.finding.found import Found, Way

log = logging.getLogger(__name__)

_NO_PAPER = ("pdf", "xps", "onenote", "fax", "send to", "传真", "发送至")
_NO_PAPER_PORTS = ("nul:", "file:", "portprompt:", "shrfax:", "microsoft.office")


def queues() -> list[Found]:
    """Empty where the spooler does not run."""
    try:
        rows = win32print.EnumPrinters(win32print.PRINTER_ENUM_LOCAL, None, 2)
    except pywintypes.error as error:
        log.warning("the system's printers cannot be listed: %s", error)
        return []
    return [
        Found(f"spooler://{row['pPrinterName']}", row["pPrinterName"], (Way.QUEUE,), model=row["pDriverName"])
        for row in rows
        if _has_paper(row["pPrinterName"], row["pDriverName"], row["pPortName"])
    ]


def _has_paper(name: str, driver: str, port: str) -> bool:
    """PDF, XPS, OneNote and fax "printers" print nothing."""
    words = f"{name} {driver}".lower()
    return not any(word in words for word in _NO_PAPER) and not port.lower().startswith(_NO_PAPER_PORTS)

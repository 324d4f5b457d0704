"""python-escpos's own Network printer, used as its documentation shows, before each kind of fault."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from escpos.printer import Network

from benchmarks.print_faults.park import KINDS
from drivers.virtual.faults import Fault
from drivers.virtual.printer import VirtualPrinter

_TEXT = "".join(f"line {number} of a slip that is long enough to be hit in its middle\n" for number in range(12))
_AT = 300
"""The byte of the slip at which the fault begins."""
_GRACE_S = 2.0


def reported_ok() -> dict[Fault, bool]:
    """For each kind: it raised nothing, although nothing whole lay on paper when it was done, nor soon after."""
    with ThreadPoolExecutor(len(KINDS)) as pool:
        return dict(zip(KINDS, pool.map(_meets, KINDS), strict=True))


def _meets(fault: Fault) -> bool:
    with VirtualPrinter(speed=300) as printer:
        printer.fault(fault, after_bytes=_AT)
        is_ok = _prints(printer)
        with suppress(TimeoutError):
            printer.wait_for_slips(1, _GRACE_S)
        return is_ok and not any("line 11" in slip.text for slip in printer.slips)


def _prints(printer: VirtualPrinter) -> bool:
    """Text, cut, close: no exception."""
    try:
        device = Network(printer.host, port=printer.port, timeout=2)
        device.open()
        device.text(_TEXT)
        device.cut()
        device.close()
    except Exception:  # whatever it raises, it does not say OK
        return False
    return True

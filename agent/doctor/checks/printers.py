"""Can each printer print? The running agent knows; while none runs, the printers are asked here."""

from agent.config import PrinterSettings
from agent.doctor.case import Case
from agent.doctor.findings import Finding, Said, cause, found
from agent.state import DeviceView
from domain.times import shown
from drivers.errors import BadAddress, DriverError, blocked_hint
from drivers.printers.addresses import open_printer
from drivers.printers.status import Blocked

MUTE = ("", "unknown")


def printers(case: Case) -> list[Finding]:
    if not case.settings.printers:
        return [found("printer.none")]
    if case.running is not None:
        return [_of_view(view) for view in case.running.printers]
    return [_asked(printer) for printer in case.settings.printers]


def _of_view(view: DeviceView) -> Finding:
    detail = f"{view.address}, seen at {shown(view.at, '%H:%M:%S')}" if view.at else view.address
    if view.state == "blocked":
        return _blocked(view.name, view.address, view.cause, detail)
    if view.state == "unknown":
        return found("printer.mute", name=view.name, detail=f"{detail} {view.cause}".strip())
    return found("printer.near_end" if view.paper_near_end else "printer.ready", name=view.name, detail=detail)


def _asked(printer: PrinterSettings) -> Finding:
    try:
        with open_printer(printer.address).connect() as session:
            status = session.status()
    except BadAddress as error:
        return found("printer.bad_address", name=printer.name, address=printer.address, detail=str(error))
    except DriverError as error:
        return _blocked(printer.name, printer.address, Blocked.unreachable, str(error))
    if status.blocked is not None:
        return _blocked(printer.name, printer.address, status.blocked, printer.address)
    if not status.answered:
        return found("printer.mute", name=printer.name, detail=printer.address)
    return found("printer.near_end" if status.paper_near_end else "printer.ready", name=printer.name)


def _blocked(name: str, address: str, why: str, detail: str) -> Finding:
    if why == Blocked.unreachable:
        return found("printer.unreachable", name=name, address=address, detail=detail)
    if why == Blocked.busy:
        return found("printer.busy", name=name, detail=detail)
    return found("printer.blocked", name=name, cause=cause(why), hint=_hint(why), detail=detail)


_HINTS = {
    Blocked.paper_out: "换一卷纸，会自动继续打印",
    Blocked.cover_open: "合上打印机上盖",
    Blocked.cutter: "关机，打开上盖，清理卡住的纸和切刀",
    Blocked.error: "关机再开机，过热时等它冷却",
    Blocked.offline: "按打印机上的按钮恢复联机",
}


def _hint(why: str) -> Said:
    known = next((reason for reason in _HINTS if reason == why), None)
    return Said(_HINTS[known], blocked_hint(known)) if known is not None else Said("", "")

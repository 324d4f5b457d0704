"""Can each printer print? The running agent knows; while none runs, the printers are asked here."""

from collections.abc import Iterator, Sequence

from agent.config import Language, PrinterSettings
from agent.doctor.case import Case
from agent.doctor.findings import Finding, Said, cause, found
from agent.pages.words import Words
from agent.state import DeviceView
from domain.slips import SlipKind
from domain.times import shown
from drivers.errors import BadAddress, DriverError, blocked_hint
from drivers.printers.addresses import open_printer
from drivers.printers.status import Blocked

_NEEDED = (SlipKind.PICKING, SlipKind.CUSTOMER, SlipKind.REFUND, SlipKind.STOP)
"""Kinds that every store's orders cause."""


def printers(case: Case) -> list[Finding]:
    if not case.settings.printers:
        return [found("printer.none")]
    if case.running is not None:
        views = [_of_view(view) for view in case.running.printers]
    else:
        views = [_asked(printer) for printer in case.settings.printers]
    return [*views, *_unserved(case.settings.printers)]


def _unserved(printers: Sequence[PrinterSettings]) -> Iterator[Finding]:
    kinds = [kind for kind in _NEEDED if not any(not each.prints or kind in each.prints for each in printers)]
    if kinds:
        yield found("printer.unserved", kinds=Said(_named(kinds, Language.CHINESE), _named(kinds, Language.ENGLISH)))


def _named(kinds: Sequence[SlipKind], language: Language) -> str:
    words = Words(language)
    return ("、" if language is Language.CHINESE else ", ").join(words(f"slipkind.{kind}") for kind in kinds)


def _of_view(view: DeviceView) -> Finding:
    detail = f"{view.address}, seen at {shown(view.at, '%H:%M:%S')}" if view.at else view.address
    try:
        open_printer(view.address)
    except BadAddress as error:
        return _bad_address(view.name, view.address, error)
    if view.paused:
        return found("printer.paused", name=view.name, waiting=view.waiting, detail=detail)
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
        return _bad_address(printer.name, printer.address, error)
    except DriverError as error:
        return _blocked(printer.name, printer.address, Blocked.unreachable, str(error))
    if status.blocked is not None:
        return _blocked(printer.name, printer.address, status.blocked, printer.address)
    if not status.answered:
        return found("printer.mute", name=printer.name, detail=printer.address)
    return found("printer.near_end" if status.paper_near_end else "printer.ready", name=printer.name)


def _bad_address(name: str, address: str, error: BadAddress) -> Finding:
    return found("printer.bad_address", name=name, address=address, detail=str(error))


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

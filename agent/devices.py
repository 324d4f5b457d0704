"""The printers and scanners of agent.toml, each with the thread that owns it."""

from collections.abc import Callable, Sequence

from agent.config import Settings
from agent.files import CacheFile, WorkFile
from agent.printing.worker import PrinterWorker
from agent.scanning import ScannerWorker
from agent.verdicts import Told, not_kept, told
from drivers.printers.addresses import open_printer
from drivers.printers.document import paper
from drivers.scanners.base import Scan


def printers(settings: Settings, work: WorkFile, on_view: Callable[[object], None]) -> list[PrinterWorker]:
    """Raises drivers.errors.BadAddress."""
    return [
        PrinterWorker(
            printer.name, open_printer(printer.address), paper(printer.paper, printer.columns), work, on_view=on_view
        )
        for printer in settings.printers
    ]


def wake(printers: Sequence[PrinterWorker]) -> None:
    for printer in printers:
        printer.wake()


def scanners(
    settings: Settings,
    work: WorkFile,
    cache: CacheFile,
    *,
    on_verdict: Callable[[Told], None],
    on_view: Callable[[object], None],
    elsewhere: Callable[[Scan], bool],
) -> list[ScannerWorker]:
    """`on_verdict` hears of each scan that was judged here, or could not be kept. All in the scanners' threads."""

    def scanner(path: str) -> ScannerWorker:
        return ScannerWorker(
            path,
            work,
            cache,
            lambda scanned: on_verdict(told(scanned, path)),
            on_failed=lambda error: on_verdict(not_kept(error, path)),
            on_view=on_view,
            elsewhere=elsewhere,
        )

    return [scanner(each.path) for each in settings.scanners]

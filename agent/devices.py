"""The scanners of agent.toml, each with the thread that owns it."""

from collections.abc import Callable

from agent.config import Settings
from agent.files import CacheFile, WorkFile
from agent.scanning import ScannerWorker
from agent.verdicts import Told, not_kept, told
from drivers.scanners.base import Scan


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

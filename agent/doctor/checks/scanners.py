"""Is each serial scanner there, and may it be opened? Scanners that type need nothing."""

from agent.doctor.case import Case
from agent.doctor.findings import Finding, found
from drivers.errors import ScannerGone
from drivers.scanners.serial import try_to_open
from drivers.scanners.trouble import Trouble


def scanners(case: Case) -> list[Finding]:
    if not case.settings.scanners:
        return [found("scanner.none")]
    return [_one(case, scanner.path) for scanner in case.settings.scanners]


def _one(case: Case, path: str) -> Finding:
    """One that the agent reads is not opened a second time: the two would share its bytes."""
    if case.running is not None and any(
        view.address == path and view.state == "ready" for view in case.running.scanners
    ):
        return found("scanner.ready", path=path)
    try:
        try_to_open(path)
    except ScannerGone as error:
        return _why(path, error)
    return found("scanner.ready", path=path)


def _why(path: str, error: ScannerGone) -> Finding:
    return found(_WORDS.get(error.trouble, "scanner.failing"), path=path, why=str(error), detail=str(error))


_WORDS = {
    Trouble.MISSING: "scanner.missing",
    Trouble.FORBIDDEN: "scanner.forbidden",
    Trouble.TAKEN: "scanner.taken",
}

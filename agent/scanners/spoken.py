"""Scanners in plain English sentences, for the command line."""

from collections.abc import Iterator

from agent.config import Language, Settings
from agent.pages.words import Words
from agent.scanners import nearby
from agent.scanners.listing import LastScan, ScannerNow, ScannersNow
from domain.scanner_sheet import Grade
from drivers.scanners import attached as attached_devices

_WORDS = Words(Language.ENGLISH)


def listed(now: ScannersNow) -> str:
    lines = [line for scanner in now.scanners for line in _lines(scanner)]
    return "\n".join(lines or ["no scanner, no serial port and no keyboard hangs on this computer"])


def attached(settings: Settings) -> str:
    """What can be said while no agent runs."""
    devices = nearby.no_printers(nearby.attached_here(), settings)
    named = [f"{attached_devices.identity(each, devices) or each.path}  {each.name} at {each.path}" for each in devices]
    ours = [f"{scanner.station}  in agent.toml, {scanner.use}" for scanner in settings.scanners]
    return "\n".join([*ours, *named] or ["no scanner, no serial port and no keyboard hangs on this computer"])


def graded(grade: Grade) -> str:
    if grade.level is None:
        missing = ", ".join(_WORDS(f"sheet.{part}") for part in grade.missing)
        return "\n".join([f"still to read: {missing}", *_faults(grade)])
    return "\n".join([_WORDS(f"grade.{grade.level}"), *_faults(grade)])


def _faults(grade: Grade) -> Iterator[str]:
    return (f"  {_WORDS(f'fault.{fault}')}" for fault in grade.faults)


def _lines(scanner: ScannerNow) -> Iterator[str]:
    yield f"{scanner.station}  {scanner.name}: {_state(scanner)}"
    about = [_WORDS(f"scannerkind.{scanner.kind}"), *filter(None, (scanner.maker, scanner.path))]
    if scanner.speed is not None:
        about.append(f"{scanner.speed} baud")
    if not scanner.is_likely:
        about.append("maybe no scanner")
    yield f"  {', '.join(about)}; last scan: {_last(scanner.last)}"
    if scanner.grade.level is not None:
        yield f"  {_WORDS(f'grade.{scanner.grade.level}')}"


def _state(scanner: ScannerNow) -> str:
    if scanner.settings is None:
        return "not in agent.toml"
    if scanner.trouble:
        return _WORDS(f"scannertrouble.{scanner.trouble}")
    return "shared with other programs" if scanner.settings.use == "shared" else _WORDS(f"scanner.{scanner.state}")


def _last(scan: LastScan | None) -> str:
    return f"{_WORDS(f'code.{scan.what.kind}')} {scan.what.text}".strip() if scan is not None else "none"

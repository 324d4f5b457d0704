"""The scanners as page, command line and other programs see them: what hangs here, what agent.toml says of it, how it
is, and what it read last."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from agent.config import ScannerSettings
from agent.parts import Parts
from agent.scanners import known, nearby, sheet
from agent.scanners.known import SheetRead
from agent.scanners.masking import Masked, masked
from agent.scanners.worker import ScannerView
from agent.transactions import Reading
from domain.scanner_sheet import Grade
from domain.times import Millis
from drivers.scanners import attached
from drivers.scanners.attached import Device
from drivers.scanners.base import Kind
from drivers.system import hid

_LAST_SCANS = 500
"""How far back the last scan of a scanner is looked for."""
_PAGE = "page:"


class LastScan(msgspec.Struct, frozen=True):
    what: Masked
    at: Millis


class ScannerNow(msgspec.Struct, frozen=True):
    """`settings` is None while agent.toml has no entry for it, `station` what an entry would name. `is_likely` is False
    of what may well be a keyboard, `is_here` of what is not plugged in. `manual` is what its maker's manual calls the
    code that makes it a serial port, empty where that is not known."""

    station: str
    by_identity: bool
    settings: ScannerSettings | None
    kind: Kind
    name: str
    maker: str
    manual: str
    path: str
    is_likely: bool
    is_here: bool
    state: str
    """ready, blocked or unknown; `trouble` says why it is not ready."""
    trouble: str
    problem: str
    at: Millis
    speed: int | None
    last: LastScan | None
    grade: Grade


class ScannersNow(msgspec.Struct, frozen=True):
    """`page` is the scanner that types into the picking page, whatever hangs there: its last scan and its grade.
    `can_change`: the agent was started from a settings file. `hid_ours`: this system can read one that types alone."""

    scanners: tuple[ScannerNow, ...]
    page_last: LastScan | None
    page_station: str
    page_grade: Grade
    can_change: bool
    hid_ours: bool


async def scanners(parts: Parts) -> ScannersNow:
    devices = nearby.no_printers(await asyncio.to_thread(nearby.attached_here), parts.settings)
    last, reads = await parts.work.aread(lambda reading: (_last_scans(reading), known.reads(reading)))
    page = _page_station(last, reads)
    views = {view.station: view for view in parts.scanners.views}
    return ScannersNow(
        scanners=tuple(_all(parts.settings.scanners, devices, _Known(views, last, reads))),
        page_last=last.get(page),
        page_station=page,
        page_grade=sheet.graded(reads.get(page, ())),
        can_change=parts.settings_now.path is not None,
        hid_ours=hid.AVAILABLE,
    )


class _Known(msgspec.Struct, frozen=True):
    """By station."""

    views: Mapping[str, ScannerView]
    last: Mapping[str, LastScan]
    reads: Mapping[str, Sequence[SheetRead]]


def _all(settings: Sequence[ScannerSettings], devices: Sequence[Device], what: _Known) -> Iterator[ScannerNow]:
    """Those of the settings first, then what hangs here besides."""
    seen = set[str]()
    for each in settings:
        device = _device_of(each, devices)
        if device is not None:
            seen.add(device.path)
        yield _now(each.station, each, device, what, by_identity=bool(each.identity))
    for device in sorted(devices, key=lambda each: (not each.is_likely, each.path)):
        if device.path not in seen:
            name = attached.identity(device, devices)
            yield _now(name or device.path, None, device, what, by_identity=bool(name))


def _device_of(settings: ScannerSettings, devices: Sequence[Device]) -> Device | None:
    """None where it is not plugged in, or two answer to its name."""
    if settings.path:
        found = [device for device in devices if device.is_at(settings.path)]
    else:
        found = [device for device in devices if settings.identity in device.names]
    return found[0] if len(found) == 1 else None


def _now(
    station: str, settings: ScannerSettings | None, device: Device | None, what: _Known, *, by_identity: bool
) -> ScannerNow:
    view = what.views.get(station) or ScannerView(station, station)
    maker = attached.maker_of(device) if device is not None else None
    named = settings.name if settings is not None else ""
    return ScannerNow(
        station=station,
        by_identity=by_identity,
        settings=settings,
        kind=settings.kind if settings is not None else device.kind if device is not None else Kind.SERIAL,
        name=named or (device.name if device is not None else station),
        maker=maker.name if maker is not None else "",
        manual=maker.manual if maker is not None else "",
        path=view.path or (device.path if device is not None else ""),
        is_likely=settings is not None or (device is not None and device.is_likely),
        is_here=device is not None or view.state == "ready",
        state=view.state,
        trouble=view.trouble or "",
        problem=view.problem,
        at=view.at,
        speed=view.speed,
        last=what.last.get(station),
        grade=sheet.graded(what.reads.get(station, ())),
    )


def _last_scans(reading: Reading) -> dict[str, LastScan]:
    rows = reading.db.execute("SELECT device, raw, read_at FROM scans ORDER BY scan_id DESC LIMIT ?", (_LAST_SCANS,))
    last = dict[str, LastScan]()
    for row in rows:
        if row["device"] not in last:
            last[row["device"]] = LastScan(masked(row["raw"]), row["read_at"])
    return last


def _page_station(last: Mapping[str, LastScan], reads: Mapping[str, Sequence[SheetRead]]) -> str:
    """The tab whose scanner was heard last."""
    heard = {station: scan.at for station, scan in last.items() if station.startswith(_PAGE)}
    for station, read in reads.items():
        if station.startswith(_PAGE):
            heard[station] = max(heard.get(station, 0), read[-1].at)
    return max(heard, key=lambda station: heard[station], default="")

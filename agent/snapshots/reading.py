"""A snapshot's file as it was fetched: whole and understood, or of no use at all."""

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import msgspec

from agent.errors import AgentError
from agent.vault import unseal
from domain.events import BODIES, Event, must_understand
from domain.personal import Personal
from domain.protocol import SnapshotHeader, SnapshotTrailer

_header = msgspec.json.Decoder(SnapshotHeader)
_trailer = msgspec.json.Decoder(SnapshotTrailer)
_event = msgspec.json.Decoder(Event)
_text = msgspec.json.Decoder(str)
_encode = msgspec.json.Encoder().encode
_BROKEN = (OSError, EOFError, zlib.error, msgspec.MsgspecError)


class SnapshotUnusable(AgentError):
    """Nothing of it was taken. `spoilt`: the bytes are not what the hub made, and must be fetched again."""

    def __init__(self, message: str, *, spoilt: bool = False) -> None:
        super().__init__(message, hint="The agent asks for another one by itself.", retryable=True)
        self.spoilt = spoilt


class SnapshotStops(SnapshotUnusable):
    """It holds an event that must be understood and cannot be taken: without it the log may not go on."""

    def __init__(self, event: Event, why: str) -> None:
        super().__init__(f"the snapshot of {event.log} cannot be taken without {event.kind}: {why}")
        self.event, self.why = event, why


class Snapshot:
    """One file, and the key that opens what it says of persons."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path, self._key = path, key

    def check(self) -> SnapshotHeader:
        """Reads all of it once. Raises `SnapshotUnusable`."""
        try:
            return self._checked()
        except _BROKEN as error:
            raise SnapshotUnusable(f"the snapshot is broken: {error}", spoilt=True) from error

    def events(self) -> Iterator[Event]:
        """Of a file that was checked."""
        for line in _but_last(self._lines()):
            yield self._opened(_event.decode(line))

    def _checked(self) -> SnapshotHeader:
        """What it speaks of is judged once its bytes are known to be the hub's."""
        lines, total, rows = self._lines(), hashlib.sha256(), -1
        unknown: Event | None = None
        header, last = _header.decode(first := next(lines, b"")), first
        for line in lines:
            total.update(last)
            rows += 1
            if rows > 0 and not _is_known(event := _event.decode(last)):
                unknown = event if unknown is None or must_understand(event) else unknown
            last = line
        trailer = _trailer.decode(last)
        if (trailer.rows, trailer.sha256) != (rows, total.hexdigest()):
            raise SnapshotUnusable("the snapshot's checksum does not hold", spoilt=True)
        if unknown is not None:
            _refuse(unknown)
        return header

    def _lines(self) -> Iterator[bytes]:
        with gzip.open(self.path) as file:
            yield from file

    def _opened(self, event: Event) -> Event:
        if not event.personal:
            return event
        return msgspec.structs.replace(event, personal=tuple(map(self._open, event.personal)))

    def _open(self, record: Personal) -> Personal:
        sealed = base64.b64decode(_text.decode(record.body))
        body = unseal(self._key, sealed, f"{record.order_id}/{record.name}")
        return msgspec.structs.replace(record, body=msgspec.Raw(body))


def _but_last(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Without the header and the trailer."""
    next(lines)
    last = next(lines)
    for line in lines:
        yield last
        last = line


def _is_known(event: Event) -> bool:
    known = BODIES.get(event.kind)
    return known is not None and event.v <= known.version


def _refuse(event: Event) -> NoReturn:
    if must_understand(event):
        raise SnapshotStops(event, f"this version does not know {event.kind} v{event.v}")
    raise SnapshotUnusable(f"the snapshot speaks of {event.kind} v{event.v}, which this version does not know")

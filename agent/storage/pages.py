"""Rows straight from a data file's pages, where SQLite itself cannot reach them any more: a page of the tree above
them, or the first page of the file, is damaged.

Only leaf pages of tables are read (https://www.sqlite.org/fileformat2.html §1.6, §2.1), the newest committed copy of
each from the WAL where there is one. A leaf does not say of which table it is: the caller tells by the rows' shape.
"""

import mmap
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Value = int | float | str | bytes | None

_TABLE_LEAF = 0x0D
_HEADER = 100
"""Bytes before the tree on the first page."""
_USUAL_PAGE = 4096
_WAL_HEADER, _FRAME_HEADER = 32, 24
_MOST_PAYLOAD = 64 * 1024 * 1024
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class _Garbled(Exception):
    """No row can be read here."""


@dataclass(frozen=True, slots=True)
class _Pages:
    main: bytes | mmap.mmap
    size: int
    newer: Mapping[int, bytes]
    """Pages that the WAL has, by number from 1."""

    def get(self, number: int) -> bytes:
        page = self.newer.get(number) or self.main[(number - 1) * self.size : number * self.size]
        if number < 1 or len(page) != self.size:
            raise _Garbled
        return page

    def numbers(self) -> range:
        return range(1, max(len(self.main) // self.size, *self.newer, 0) + 1)


def rows(path: Path) -> Iterator[tuple[int, tuple[Value, ...]]]:
    """Row ids and values, in no order, deleted ones possibly among them."""
    with _bytes_of(path) as main, _bytes_of(path.with_name(path.name + "-wal")) as wal:
        size = _page_size(main[:_HEADER])
        pages = _Pages(main, size, _newest_frames(wal, size))
        for number in pages.numbers():
            try:
                page = pages.get(number)
            except _Garbled:
                continue
            yield from _leaf(pages, page, _HEADER if number == 1 else 0)


@contextmanager
def _bytes_of(path: Path) -> Iterator[bytes | mmap.mmap]:
    """Without having them all in memory."""
    if not path.exists() or path.stat().st_size == 0:
        yield b""
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def _page_size(main: bytes) -> int:
    said = int.from_bytes(main[16:18], "big")
    size = 65536 if said == 1 else said
    return size if size >= 512 and size & (size - 1) == 0 and main.startswith(b"SQLite format 3\0") else _USUAL_PAGE


def _newest_frames(wal: bytes | mmap.mmap, size: int) -> dict[int, bytes]:
    """Frames of the WAL's present round, up to its last commit. The salts tell the round; a checksum is not asked."""
    if len(wal) < _WAL_HEADER or wal[:3] != b"\x37\x7f\x06":
        return {}
    salts, committed, pending = wal[16:24], dict[int, bytes](), dict[int, bytes]()
    for start in range(_WAL_HEADER, len(wal) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        number, pages_after = struct.unpack(">II", wal[start : start + 8])
        if wal[start + 8 : start + 16] != salts:
            break
        pending[number] = wal[start + _FRAME_HEADER : start + _FRAME_HEADER + size]
        if pages_after:
            committed.update(pending)
            pending.clear()
    return committed


def _leaf(pages: _Pages, page: bytes, header: int) -> Iterator[tuple[int, tuple[Value, ...]]]:
    if page[header] != _TABLE_LEAF:
        return
    cells = int.from_bytes(page[header + 3 : header + 5], "big")
    first = header + 8
    if first + 2 * cells > len(page):
        return
    for place in range(first, first + 2 * cells, 2):
        try:
            yield _row(pages, page, int.from_bytes(page[place : place + 2], "big"))
        except (_Garbled, IndexError, UnicodeDecodeError, struct.error):
            continue


def _row(pages: _Pages, page: bytes, at: int) -> tuple[int, tuple[Value, ...]]:
    length, at = _varint(page, at)
    row_id, at = _varint(page, at)
    return row_id, tuple(_values(_payload(pages, page, at, length)))


def _payload(pages: _Pages, page: bytes, at: int, length: int) -> bytes:
    """What does not fit on the leaf goes on in a chain of overflow pages (§1.6)."""
    if not 0 < length <= _MOST_PAYLOAD:
        raise _Garbled
    usable = pages.size
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if length <= most:
        return _exactly(page[at : at + length], length)
    kept = least + (length - least) % (usable - 4)
    local = kept if kept <= most else least
    said = page[at : at + local]
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    while len(said) < length:
        further = pages.get(following)
        following = int.from_bytes(further[:4], "big")
        said += further[4 : 4 + length - len(said)]
    return _exactly(said, length)


def _values(record: bytes) -> Iterator[Value]:
    end, at = _varint(record, 0)
    start = end
    while at < end:
        kind, at = _varint(record, at)
        size, value = _value(record, start, kind)
        start += size
        yield value


def _value(record: bytes, at: int, kind: int) -> tuple[int, Value]:
    if kind == 0:
        return 0, None
    if kind in _INTEGERS:
        size = _INTEGERS[kind]
        return size, int.from_bytes(_exactly(record[at : at + size], size), "big", signed=True)
    if kind == 7:
        return 8, float(struct.unpack(">d", record[at : at + 8])[0])
    if kind in (8, 9):
        return 0, kind - 8
    if kind < 12:
        raise _Garbled
    size = (kind - 12) // 2
    said = _exactly(record[at : at + size], size)
    return size, said.decode() if kind % 2 else said


def _varint(said: bytes, at: int) -> tuple[int, int]:
    """Big-endian, seven bits a byte, the ninth byte whole (§1.6)."""
    value = 0
    for place in range(8):
        byte = said[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    value = value << 8 | said[at + 8]
    return value - (1 << 64) if value >= 1 << 63 else value, at + 9


def _exactly(said: bytes, length: int) -> bytes:
    if len(said) != length:
        raise _Garbled
    return said

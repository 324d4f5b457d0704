"""The little of IPP (RFC 8010, RFC 8011) that it takes to hand CUPS a job and to hear what became of it.

CUPS's own `lpstat` says of a cancelled job and of a printed one the same (measured with 2.4.2); IPP tells them apart.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

_VERSION = b"\x02\x00"
_OPERATION_ATTRIBUTES, _END = 0x01, 0x03
_LARGEST_DELIMITER = 0x0F
_CHARSET, _LANGUAGE, _URI, _KEYWORD, _NAME, _MIME_TYPE = 0x47, 0x48, 0x45, 0x44, 0x42, 0x49
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_TEXTS = range(0x40, 0x60)

Value = int | bool | str | None
"""None: the attribute has no value (yet)."""


class Operation(IntEnum):
    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B


NOT_FOUND = 0x0406
"""The status that says: no such job (any more)."""


class Answer:
    def __init__(self, status: int, attributes: Mapping[str, list[Value]]) -> None:
        self.status, self._attributes = status, attributes

    @property
    def is_good(self) -> bool:
        return self.status < 0x0100

    @property
    def words(self) -> str:
        """What the server says about a refusal."""
        return self.text("status-message") or f"IPP status {self.status:#06x}"

    def number(self, name: str) -> int | None:
        return next((value for value in self._attributes.get(name, ()) if isinstance(value, int)), None)

    def text(self, name: str) -> str:
        return next((value for value in self._attributes.get(name, ()) if isinstance(value, str)), "")

    def texts(self, name: str) -> list[str]:
        return [value for value in self._attributes.get(name, ()) if isinstance(value, str)]


def request(
    operation: Operation,
    uri: str,
    user: str,
    *,
    job: int | None = None,
    title: str = "",
    raw: bool = False,
    wanted: Iterable[str] = (),
) -> bytes:
    """The message; a job's data follow it directly."""
    out = bytearray(_VERSION + struct.pack(">HI", operation, 1))
    out.append(_OPERATION_ATTRIBUTES)
    out += _attribute(_CHARSET, "attributes-charset", b"utf-8")
    out += _attribute(_LANGUAGE, "attributes-natural-language", b"en")
    out += _attribute(_URI, "printer-uri", uri.encode())
    if job is not None:
        out += _attribute(_INTEGER, "job-id", struct.pack(">i", job))
    out += _attribute(_NAME, "requesting-user-name", user.encode())
    if title:
        out += _attribute(_NAME, "job-name", title.encode())
    if raw:
        out += _attribute(_MIME_TYPE, "document-format", b"application/vnd.cups-raw")
    name = "requested-attributes"
    for keyword in wanted:
        out += _attribute(_KEYWORD, name, keyword.encode())
        name = ""  # a further value of the same attribute
    out.append(_END)
    return bytes(out)


def answer(data: bytes) -> Answer:
    """Raises ValueError."""
    try:
        (status,) = struct.unpack_from(">H", data, 2)
        attributes: dict[str, list[Value]] = {}
        for name, value in _attributes(data):
            attributes.setdefault(name, []).append(value)
    except (struct.error, IndexError) as error:
        raise ValueError(f"no IPP answer: {error}") from error
    return Answer(status, attributes)


def _attribute(tag: int, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(value)) + value


def _attributes(data: bytes) -> Iterator[tuple[str, Value]]:
    at, last = 8, ""
    while data[at] != _END:
        tag = data[at]
        at += 1
        if tag <= _LARGEST_DELIMITER:
            continue
        name, at = _counted(data, at)
        value, at = _counted(data, at)
        last = name.decode() or last
        yield last, _value(tag, value)


def _counted(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    return data[at + 2 : end], end


def _value(tag: int, data: bytes) -> Value:
    if tag in (_INTEGER, _ENUM):
        (number,) = struct.unpack(">i", data)
        return int(number)
    if tag == _BOOLEAN:
        return data != b"\x00"
    return data.decode("utf-8", "replace") if tag in _TEXTS else None

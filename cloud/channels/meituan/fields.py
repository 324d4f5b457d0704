"""Reading single fields, alike from a push (every value is text) and from a detail query (numbers and text mixed).

What cannot be read raises `NotUnderstood` with the field and the kind of value, never the value: it may be personal.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from cloud.channels.base import NotUnderstood
from domain import money, quantity
from domain.money import Fen
from domain.quantity import Quantity
from domain.times import SECOND, Millis

Fields = Mapping[str, object]
Scalar = str | int | float | None
Shape = TypeVar("Shape")

_ID = re.compile(r"[!-~]{1,64}")
_WHOLE = re.compile(r"-?[0-9]{1,18}(\.0+)?")
_YUAN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,40})?")
_decoders: dict[object, "msgspec.json.Decoder[Any]"] = {}
_LATEST = 4_102_444_800  # the year 2100: a time beyond it is milliseconds taken for seconds, or absurd


def text(fields: Fields, name: str) -> str:
    return as_text(fields.get(name), name)


def as_text(value: object, where: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise NotUnderstood(f"{where}: expected a text, got {kind(value)}")


def identifier(fields: Fields, name: str) -> str:
    """Ids stay text; as JSON numbers they are beyond 2^53, so one that became a float is refused."""
    value = text(fields, name)
    if not value:
        raise NotUnderstood(f"{name}: missing")
    if not _ID.fullmatch(value):
        raise NotUnderstood(f"{name}: not an id")
    return value


def whole(fields: Fields, name: str) -> int | None:
    """None where it is missing or empty."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if not isinstance(value, bool) and _WHOLE.fullmatch(str(value)):
        return int(str(value).partition(".")[0])
    raise NotUnderstood(f"{name}: expected a whole number, got {kind(value)}")


def count(fields: Fields, name: str) -> int:
    """A whole number that is zero where it is missing."""
    value = whole(fields, name) or 0
    if value < 0:
        raise NotUnderstood(f"{name}: expected a whole number, got a negative number")
    return value


def instant(fields: Fields, name: str) -> Millis | None:
    """Unix seconds; zero means that there is none."""
    seconds = count(fields, name)
    if seconds > _LATEST:
        raise NotUnderstood(f"{name}: expected unix seconds, got an absurdly large number")
    return seconds * SECOND or None


def fen(fields: Fields, name: str) -> Fen | None:
    value = fields.get(name)
    return None if value is None or value == "" else as_fen(value, name)


def as_fen(value: object, where: str) -> Fen:
    """Yuan, as text or as a double. The noise of a double (10.420000000000002) is taken off, half a fen is refused.

    Below a thousand million yuan a double tells thousandths of a fen apart, so this is exact.
    """
    yuan = value if isinstance(value, float) else as_text(value, where)
    if isinstance(yuan, str) and not _YUAN.fullmatch(yuan):
        raise NotUnderstood(f"{where}: expected an amount in yuan, got {kind(value)}")
    amount = float(yuan) * 100
    if not 0 <= amount <= money.LARGEST:
        raise NotUnderstood(f"{where}: {'a negative' if amount < 0 else 'an absurd'} amount")
    if abs(amount - round(amount)) > 0.001:
        raise NotUnderstood(f"{where}: a fraction of a fen")
    return round(amount)


def as_quantity(value: object, where: str) -> Quantity:
    try:
        return quantity.ordered(value)
    except quantity.NotAQuantity as error:
        raise NotUnderstood(f"{where}: not a quantity that can be ordered, but {kind(value)}") from error


def nested(fields: Fields, name: str, shape: type[Shape], otherwise: Shape) -> Shape:
    """A list or object, which a push carries as JSON text and a detail query either way."""
    return as_nested(fields.get(name), name, shape, otherwise)


def as_nested(value: object, where: str, shape: type[Shape], otherwise: Shape) -> Shape:
    if value is None or value == "":
        return otherwise
    try:
        return _decoder(shape).decode(value) if isinstance(value, str) else msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise NotUnderstood(f"{where}: {error}") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotUnderstood(f"{where}: broken JSON") from error


def _decoder(shape: type[Shape]) -> "msgspec.json.Decoder[Shape]":
    """To make one takes longer than to use it."""
    if shape not in _decoders:
        _decoders[shape] = msgspec.json.Decoder(shape)
    return _decoders[shape]


def kind(value: object) -> str:
    """What a value is, without telling it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, str):
        return "a negative number" if _YUAN.fullmatch(value) and value[0] == "-" else "a text"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a negative number" if value < 0 else "a number"
    return "a list or object" if isinstance(value, list | dict) else "something else"

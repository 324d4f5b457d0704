"""What the platform says to a call: the envelope (facts/channels.md §1.4), turned into a value or one of our errors."""

import logging
from typing import NoReturn

import msgspec

from cloud.channels.base import NotUnderstood
from cloud.channels.meituan.errors import Already, Later, Refused, Unknown
from cloud.channels.meituan.fields import Scalar, as_nested

logger = logging.getLogger(__name__)

SYSTEM_FAULT = 700
THROTTLED = 711
STATE_CHANGED = frozenset({808, 1001})
THROTTLE_PAUSE = 5.0
"""Seconds. No source knows the limits, so the pause is ours; the caller backs off further by itself."""
NO_ORDER = 806


class Fault(msgspec.Struct, frozen=True):
    code: Scalar = None
    msg: Scalar = None


class Envelope(msgspec.Struct, frozen=True):
    """`data` is "ok", "ng" or what was asked for; the goods calls add the other three."""

    data: object = None
    error: Fault | None = None
    result_code: Scalar = None
    error_list: object = None


def value_of(status: int, body: bytes, retry_after: str | None = None) -> object:
    """What was asked for. Raises a `PlatformError`."""
    envelope = _envelope(status, body, retry_after)
    if envelope.error is not None and envelope.data in ("ng", None, ""):
        _raise_fault(envelope.error, retry_after)
    if status >= 500 or status == 429:
        raise _broken(status, retry_after)
    if envelope.data == "ng" or status >= 400:
        raise Refused(f"refused with HTTP status {status} and no reason")
    return envelope.data


def rows_refused(body: bytes) -> str:
    """Which codes single rows of a batch were refused with, such as '3004 ×2'; empty when all were taken.

    Raises `Later` when one of them was throttled, and `Refused` when not one row was taken.
    """
    envelope = _envelope(200, body, None)
    if str(envelope.result_code) not in ("2", "3"):
        return ""
    codes = [str(row.code) for row in _refused_rows(envelope)]
    if str(THROTTLED) in codes or str(SYSTEM_FAULT) in codes:
        raise Later("rows were throttled", code=THROTTLED, retry_after=THROTTLE_PAUSE)
    said = ", ".join(f"{code} ×{codes.count(code)}" for code in sorted(set(codes))) or "no reason given"
    if str(envelope.result_code) == "3":
        raise Refused(f"every row was refused: {said}")
    return f"rows refused: {said}"


def _refused_rows(envelope: Envelope) -> list[Fault]:
    try:
        return as_nested(envelope.error_list, "error_list", list[Fault], [])
    except NotUnderstood as error:
        logger.warning("the platform refused rows, but which cannot be read: %s", error)
        return []


def _envelope(status: int, body: bytes, retry_after: str | None) -> Envelope:
    try:
        return msgspec.json.decode(body, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if status >= 500 or status == 429:
            raise _broken(status, retry_after) from error
        if status >= 400:
            raise Refused(f"refused with HTTP status {status} and no reason") from error
        raise Unknown(f"HTTP status {status} with an answer that is not the platform's JSON") from error


def _broken(status: int, retry_after: str | None) -> Later:
    kind = Later if status == 429 else Unknown
    return kind(f"the platform answered with HTTP status {status}", retry_after=_seconds(retry_after))


def _raise_fault(fault: Fault, retry_after: str | None) -> NoReturn:
    code = int(str(fault.code)) if str(fault.code).isascii() and str(fault.code).isdigit() else None
    said = f"{fault.code} {fault.msg or ''}".strip()[:200]
    if code == THROTTLED:
        raise Later(said, code=code, retry_after=_seconds(retry_after) or THROTTLE_PAUSE)
    if code == SYSTEM_FAULT:
        raise Unknown(said, code=code, retry_after=_seconds(retry_after))
    raise (Already if code in STATE_CHANGED else Refused)(said, code=code)


def _seconds(retry_after: str | None) -> float | None:
    """A Retry-After in seconds; its form as a date is left aside."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None

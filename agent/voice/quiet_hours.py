"""Quiet hours: spans of the day, as the store's clock shows it, in which nothing is spoken."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from domain.times import DAY, HOUR, MINUTE, Millis

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_CHINA: Millis = 8 * HOUR


class Span(NamedTuple):
    """`begins` counts from midnight in China; a span may reach over the next midnight."""

    begins: Millis
    lasts: Millis


def parse(text: str) -> Span:
    """Raises ValueError for what is not written as 22:00-07:00."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no span of the day")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    begins, ends = hour * HOUR + minute * MINUTE, end_hour * HOUR + end_minute * MINUTE
    if begins == ends:
        raise ValueError(f"{text!r} begins when it ends")
    return Span(begins, (ends - begins) % DAY)


def quiet_until(spans: Iterable[str], now: Millis) -> Millis | None:
    """When the quiet that holds now ends; None while it is not quiet."""
    ends = [now - into + span.lasts for span in map(parse, spans) if (into := _into(span, now)) < span.lasts]
    return max(ends, default=None)


def _into(span: Span, now: Millis) -> Millis:
    """How long ago it last began."""
    return (now + _CHINA - span.begins) % DAY

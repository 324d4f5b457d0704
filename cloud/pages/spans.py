"""Lengths of time and sizes of data as people say them."""

from domain.times import DAY, HOUR, MINUTE, SECOND, Millis

_UNITS = ((2 * DAY, DAY, "天", "d"), (2 * HOUR, HOUR, "小时", "h"), (2 * MINUTE, MINUTE, "分钟", "min"))
_SIZES = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))


def span(millis: Millis, language: str) -> str:
    """In the largest unit of which there are two; clocks that differ make nothing negative."""
    millis = max(millis, 0)
    length, zh, en = next(((unit, zh, en) for least, unit, zh, en in _UNITS if millis >= least), (SECOND, "秒", "s"))
    return f"{millis // length} {en if language == 'en' else zh}"


def size(count: int | None) -> str:
    """Empty where nobody knows."""
    if count is None:
        return ""
    unit, name = next(((unit, name) for unit, name in _SIZES if count >= unit), (1, "B"))
    return f"{count / unit:.1f} {name}" if unit == 1 << 30 else f"{count // unit} {name}"

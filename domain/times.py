"""Instants are whole milliseconds since 1970 in UTC, in tables, on the wire and in code alike.

Integers compare, sort and travel the same way in SQLite, PostgreSQL and JSON, and cannot lose their zone.
Clocks order nothing (design.md §4): what comes first is said by sequence numbers.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Millis = int
Clock = Callable[[], Millis]

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR

CHINA = timezone(timedelta(hours=8), "UTC+8")


def to_datetime(at: Millis) -> datetime:
    """Aware, in UTC."""
    return datetime.fromtimestamp(at / SECOND, UTC)


def shown(at: Millis, pattern: str = "%m-%d %H:%M") -> str:
    """As people in the store read it: China's one zone."""
    return datetime.fromtimestamp(at / SECOND, CHINA).strftime(pattern)

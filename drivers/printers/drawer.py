"""The cash drawer and the buzzer behind a printer. Sent only by an explicit call: `Session.send_command`."""

from typing import Literal

_ESC = 0x1B

Pin = Literal[2, 5]
"""Of the printer's drawer connector; most drawers hang on 2."""

_TICK_MS = 2
_MOST_BEEPS, _MOST_TENTHS = 9, 9


def kick(pin: Pin = 2, on_ms: int = 100, off_ms: int = 200) -> bytes:
    """`ESC p m t1 t2`: a pulse of `on_ms`, then a rest of at least `off_ms`. Both up to 510."""
    return bytes((_ESC, 0x70, 0 if pin == 2 else 1, _ticks(on_ms), _ticks(max(off_ms, on_ms))))


def buzz(times: int = 1, tenths: int = 2) -> bytes:
    """`ESC B n t`, as Chinese models know it: `times` beeps of `tenths` of 100 ms each. Both from 1 to 9."""
    return bytes((_ESC, 0x42, _within(times, _MOST_BEEPS), _within(tenths, _MOST_TENTHS)))


def _ticks(milliseconds: int) -> int:
    return _within(milliseconds // _TICK_MS, 255)


def _within(number: int, most: int) -> int:
    return min(max(number, 1), most)

"""What the kernel hands on when a scanner types: real `struct input_event` records."""

import struct

_EVENT = struct.Struct("@llHHi")
SHIFT, CTRL, ALT, CAPS, ENTER, TAB = 42, 29, 56, 58, 28, 15
_KEYS = {
    **dict(zip("1234567890-=", range(2, 14), strict=True)),
    **dict(zip("qwertyuiop[]", range(16, 28), strict=True)),
    **dict(zip("asdfghjkl;'`", range(30, 42), strict=True)),
    **dict(zip("\\zxcvbnm,./", range(43, 54), strict=True)),
    " ": 57,
}
_WITH_SHIFT = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))


def event(kind: int, code: int, value: int) -> bytes:
    return _EVENT.pack(1_700_000_000, 5, kind, code, value)


def stroke(key: int, *held: int) -> bytes:
    """Pressed and let go, each followed by the kernel's scan code and synchronisation as on a real device."""
    sync = event(0, 0, 0)
    down = b"".join(event(1, each, 1) + sync for each in held)
    up = b"".join(event(1, each, 0) + sync for each in reversed(held))
    return down + event(4, 4, 0x7001E) + event(1, key, 1) + sync + event(1, key, 0) + sync + up


def typed(text: str, ending: int | None = ENTER) -> bytes:
    strokes = [_stroke_of(char) for char in text]
    return b"".join([*strokes, stroke(ending)] if ending is not None else strokes)


def _stroke_of(char: str) -> bytes:
    if char == "\x1d":
        return stroke(_KEYS["]"], CTRL)
    if char.isupper():
        return stroke(_KEYS[char.lower()], SHIFT)
    return stroke(_KEYS[_WITH_SHIFT[char]], SHIFT) if char in _WITH_SHIFT else stroke(_KEYS[char])

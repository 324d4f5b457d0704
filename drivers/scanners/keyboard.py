"""From keys to what a scanner that types meant to say. Pure.

Keys are read below the input method and the keyboard's layout, so neither can change a scan, nor can CapsLock: a key
with shift is a capital, without it a small letter. Scanners are set to the American layout at the factory.
"""

DOWN, UP, REPEAT = 1, 0, 2

_ROWS = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: "\\zxcvbnm,./", 57: " "}
_SHIFTED = str.maketrans("1234567890-=[];'`\\,./", '!@#$%^&*()_+{}:"~|<>?')
_PLAIN = {first + place: char for first, row in _ROWS.items() for place, char in enumerate(row)}
_PAD = {55: "*", 74: "-", 78: "+", 83: ".", 98: "/"}
_PAD_DIGITS = {71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0"}
_ENDINGS = {28: "\r", 96: "\r", 15: "\t"}
_SHIFT, _CTRL, _ALT = {42, 54}, {29, 97}, {56, 100}
_GS_KEY = 66
"""F8, which some scanners press for GS1's separator (facts/compliance.md §3.1)."""
_GS = "\x1d"


class Keyboard:
    """Linux' key numbers, one event after the other."""

    def __init__(self) -> None:
        self._held = set[int]()
        self._code = ""
        """What is typed on the number pad while Alt is held: the number of a character."""

    def press(self, key: int, value: int) -> str:
        """What this event says; mostly nothing. Keys that repeat were held by a hand."""
        if value == UP:
            self._held.discard(key)
            return self._by_number() if key in _ALT and not self._held & _ALT else ""
        if value != DOWN:
            return ""
        self._held.add(key)
        if self._held & _ALT:
            self._code += _PAD_DIGITS.get(key, "")
            return ""
        if self._held & _CTRL:
            return _control(_PLAIN.get(key, ""))
        return self._plainly(key)

    def _plainly(self, key: int) -> str:
        if key == _GS_KEY:
            return _GS
        char = _PLAIN.get(key, "")
        if char and self._held & _SHIFT:
            return char.upper() if char.isalpha() else char.translate(_SHIFTED)
        return char or _ENDINGS.get(key, "") or _PAD.get(key, "") or _PAD_DIGITS.get(key, "")

    def _by_number(self) -> str:
        """Alt with 029 is GS (facts/compliance.md §3.2)."""
        code, self._code = self._code, ""
        return chr(int(code) % 256) if code else ""


def _control(char: str) -> str:
    """Ctrl with ] is GS, with M carriage return."""
    return chr(ord(char.upper()) & 0x1F) if char and "@" <= char.upper() <= "_" else ""

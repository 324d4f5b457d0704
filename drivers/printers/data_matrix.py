"""Data Matrix (ECC 200, ISO/IEC 16022), as far as the set-up sheet of scanners needs it: ASCII, one square region.

GS1's separator (FNC1) is a codeword of its own; first in the symbol it says that the data are GS1's.
"""

import io
from collections.abc import Iterator, Sequence

_CAPACITY = {10: (3, 5), 12: (5, 7), 14: (8, 10), 16: (12, 12), 18: (18, 14), 20: (22, 18), 22: (30, 20), 24: (36, 24)}
"""By modules on each side: codewords of data and of error correction."""
_FNC1, _PAD = 232, 129
_FIELD = 0x12D
_QUIET = 2
_GS = "\x1d"

Modules = tuple[tuple[bool, ...], ...]
"""Rows from the top; True is dark. White belongs around it."""


def data_matrix(text: str, *, gs1: bool = False) -> Modules:
    """With `gs1`, GS (0x1D) becomes FNC1. Raises ValueError for what is no ASCII or too long."""
    words = [_FNC1] * gs1 + list(_codewords(text, gs1))
    size = next((size for size, (data, _) in _CAPACITY.items() if len(words) <= data), None)
    if size is None or not text.isascii():
        raise ValueError(f"{text!r} does not fit a small Data Matrix")
    data, correction = _CAPACITY[size]
    words += list(_padding(len(words), data))
    return _framed(_placed(words + _correcting(words, correction), size - 2), size)


def _codewords(text: str, gs1: bool) -> Iterator[int]:
    """Two digits are one codeword."""
    place = 0
    while place < len(text):
        pair = text[place : place + 2]
        if len(pair) == 2 and pair.isdigit():
            yield 130 + int(pair)
            place += 2
        else:
            yield _FNC1 if gs1 and text[place] == _GS else ord(text[place]) + 1
            place += 1


def _padding(begin: int, end: int) -> Iterator[int]:
    """The first pad is plain, the others are scrambled by their place."""
    for place in range(begin, end):
        if place == begin:
            yield _PAD
        else:
            scrambled = _PAD + 149 * (place + 1) % 253 + 1
            yield scrambled if scrambled <= 254 else scrambled - 254


def _correcting(words: Sequence[int], count: int) -> list[int]:
    """Reed-Solomon over GF(256): the rest of dividing by (x - 2)(x - 4)…"""
    powers, logarithms = _tables()

    def product(one: int, other: int) -> int:
        return powers[(logarithms[one] + logarithms[other]) % 255] if one and other else 0

    generator = [1]
    for root in range(1, count + 1):
        shifted = [*generator, 0]
        for place, factor in enumerate(generator, start=1):
            shifted[place] ^= product(factor, powers[root])
        generator = shifted
    rest = [0] * count
    for word in words:
        factor = word ^ rest[0]
        rest = [*rest[1:], 0]
        for place in range(count):
            rest[place] ^= product(factor, generator[place + 1])
    return rest


def _tables() -> tuple[list[int], dict[int, int]]:
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value <<= 1
        value ^= _FIELD if value > 255 else 0
    return powers, {value: power for power, value in enumerate(powers)}


class _Placing:
    """Annex F: codewords run in diagonals of eight modules each; what leaves the square comes in at the other side."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.at: dict[tuple[int, int], tuple[int, int]] = {}
        """Which bit of which codeword each module shows."""
        self._word = 0

    def place(self, modules: Sequence[tuple[int, int]]) -> None:
        """The next codeword's bits, the most significant first."""
        for bit, (row, column) in enumerate(modules):
            self.at[self._inside(row, column)] = (self._word, 7 - bit)
        self._word += 1

    def diagonal(self, row: int, column: int) -> None:
        if 0 <= row < self.side and 0 <= column < self.side and (row, column) not in self.at:
            shape = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
            self.place([(row + down, column + right) for down, right in shape])

    def corner(self, row: int, column: int) -> None:
        """Four shapes for what the diagonals leave over; which one depends on the side."""
        n = self.side
        if (row, column) == (n, 0):
            right = [(0, n - 2), (0, n - 1), (1, n - 1), (2, n - 1), (3, n - 1)]
            self.place([(n - 1, 0), (n - 1, 1), (n - 1, 2), *right])
        if (row, column) == (n - 2, 0) and n % 4:
            self.place([(n - 3, 0), (n - 2, 0), (n - 1, 0), *((0, n - back) for back in (4, 3, 2, 1)), (1, n - 1)])
        if (row, column) == (n - 2, 0) and n % 8 == 4:
            right = [(0, n - 2), (0, n - 1), (1, n - 1), (2, n - 1), (3, n - 1)]
            self.place([(n - 3, 0), (n - 2, 0), (n - 1, 0), *right])
        if (row, column) == (n + 4, 2) and n % 8 == 0:
            top = [(0, n - 3), (0, n - 2), (0, n - 1), (1, n - 3), (1, n - 2), (1, n - 1)]
            self.place([(n - 1, 0), (n - 1, n - 1), *top])

    def _inside(self, row: int, column: int) -> tuple[int, int]:
        n = self.side
        if row < 0:
            row, column = row + n, column + 4 - (n + 4) % 8
        if column < 0:
            row, column = row + 4 - (n + 4) % 8, column + n
        return row, column


def _placed(words: Sequence[int], side: int) -> list[list[bool]]:
    placing, row, column = _Placing(side), 4, 0
    while row < side or column < side:
        placing.corner(row, column)
        while row >= 0 and column < side:
            placing.diagonal(row, column)
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < side and column >= 0:
            placing.diagonal(row, column)
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1
    modules = [[False] * side for _ in range(side)]
    for (down, right), (word, bit) in placing.at.items():
        modules[down][right] = bool(words[word] >> bit & 1)
    if (side - 1, side - 1) not in placing.at:
        modules[side - 1][side - 1] = modules[side - 2][side - 2] = True
    return modules


def _framed(inner: Sequence[Sequence[bool]], size: int) -> Modules:
    """Dark at the left and below, alternating above and at the right."""
    rows = [tuple(column % 2 == 0 for column in range(size))]
    rows += [(True, *row, number % 2 == 0) for number, row in enumerate(inner)]
    return (*rows, (True,) * size)


def as_png(modules: Modules, dots: int) -> bytes:
    """With white around it; `dots` a module."""
    from PIL import Image

    side = len(modules) + 2 * _QUIET
    picture = Image.new("1", (side, side), 1)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                picture.putpixel((column + _QUIET, row + _QUIET), 0)
    out = io.BytesIO()
    picture.resize((side * dots, side * dots), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()

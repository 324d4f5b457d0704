"""Breaking a paragraph into lines of so many cells, the way a Chinese reader expects."""

import re
from collections.abc import Iterator

from drivers.printers.charset import cells, char_cells

# A number keeps its sign, its decimals and its unit: ￥12.50, 0.25g*24片, 120mg×10粒, 5℃, 14:30.
_UNITS = (
    "毫克|微克|千克|公斤|毫升|分钟|小时|"
    "[片粒袋盒瓶支丸贴板枚包克升元角分件次日天号年月时周岁滴揿喷剂付帖条张份位级型寸度个%℃]"
)
_WORD = r"[!-~\u00a1-\u052f￥℃‰±≤≥]"
_ATOM = re.compile(rf"(?P<spaces> +)|{_WORD}+(?:(?<=\d)(?:{_UNITS}))?|(?s:.)")
_CLOSING = "，。、；：？！）】》〉」』”’％…—"
_OPENING = "（【《〈「『“‘"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells; `text` is clean. Spaces at a break are dropped, nothing else is."""
    if width < 2:
        raise ValueError("a line must have room for one Hanzi")
    return [line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, width)]


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    lines, line, used = [], "", 0
    for atom in _pieces(paragraph, width):
        size = cells(atom)
        if used + size > width:
            lines.append(line.rstrip(" "))
            line, used = "", 0
            if atom.isspace():
                continue
        line, used = line + atom, used + size
    lines.append(line.rstrip(" "))
    return [line for index, line in enumerate(lines) if line or index == 0]


def _pieces(paragraph: str, width: int) -> Iterator[str]:
    """Atoms that must not be torn apart; one too long for a line of its own is cut where it must be."""
    for atom in _bind_punctuation(_ATOM.finditer(paragraph), width):
        if cells(atom) <= width:
            yield atom
        else:
            yield from _cut(atom, width)


def _bind_punctuation(matches: Iterator[re.Match[str]], width: int) -> Iterator[str]:
    """No line begins with 。 or ends with （, where both still fit a line together."""
    held = ""
    for match in matches:
        atom = match.group()
        binds = held and (atom in _CLOSING or held[-1] in _OPENING or char_cells(atom[0]) == 0)
        if binds and not match["spaces"] and cells(held + atom) <= width:
            held += atom
            continue
        if held:
            yield held
        held = atom
    if held:
        yield held


def _cut(atom: str, width: int) -> Iterator[str]:
    piece, used = "", 0
    for char in atom:
        size = char_cells(char)
        if used + size > width:
            yield piece
            piece, used = "", 0
        piece, used = piece + char, used + size
    if piece:
        yield piece

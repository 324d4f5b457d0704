"""The set-up sheet of scanners on paper: three codes, each of which shows faults of its own."""

from collections.abc import Iterator

from domain.codes import Part
from domain.scanner_sheet import CONTENTS
from drivers.printers.data_matrix import as_png, data_matrix
from drivers.printers.document import Block, Code128, Document, Feed, Picture, Rule, Text

SUBJECT = "scanner sheet"
"""Tells this test slip from the one of a printer, whose subject is its settings."""
_MODULE_DOTS = 6
"""0.75 mm: any camera scanner reads it."""


def scanner_sheet() -> Document:
    return Document(tuple(_blocks()))


def _blocks() -> Iterator[Block]:
    yield Text("扫码枪测试页", width=2, height=2, bold=True, align="center")
    yield Text("Scanner set-up sheet", align="center")
    yield Text("打开扫码枪页面，用要测试的扫码枪依次扫三个码，页面会说哪里要改。")
    yield Text("Open the scanners page and read the three codes in turn.")
    for number, part in enumerate(Part, start=1):
        yield Rule()
        yield Text(f"{number} {_NAMES[part]}")
        if part is Part.SEPARATORS:
            yield Picture(as_png(data_matrix(CONTENTS[part], gs1=True), _MODULE_DOTS))
        else:
            yield Code128(CONTENTS[part])
    yield Feed(1)


_NAMES = {
    Part.DIGITS: "20 位数字 Twenty digits",
    Part.LETTERS: "大小写字母 Letters of both cases",
    Part.SEPARATORS: "二维码（GS1）DataMatrix; 一维枪读不出，可跳过",
}

"""Does Chinese come out of the printer as it was written? Read back from the virtual printer's paper: natively printed
lines cell by cell, drawn ones dot by dot. Beside it python-escpos's own text() with the same names.
"""

import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.drug_names import drug_names, symbols
from benchmarks.figures import options, report
from benchmarks.paper_readings import CUT, on_paper
from drivers.printers.document import PAPER_58, PAPER_80, PAPER_80_NARROW, Document, Paper, Text
from drivers.printers.escpos import encode
from drivers.printers.layout import Line, lay_out
from drivers.printers.raster import draw_line
from drivers.virtual.slip import PictureRow, TextRow, VirtualSlip

_PAPERS = (PAPER_58, PAPER_80_NARROW, PAPER_80)
_NAMES, _NAMES_SHORT = 10_000, 600
_SLIP = 100
_AMOUNT = re.compile(r"\d[\d.]*(?:mg|ml|kg|g|IU|[片粒袋盒支瓶板滴包])")
_SAME = str.maketrans({"\u00a5": "￥", "\u00b5": "μ", "\u3000": None, " ": None})


@dataclass(slots=True)
class Count:
    lines: int = 0
    native: int = 0
    replaced: int = 0
    """Names of which some character did not come out as itself."""
    split: int = 0
    """Lines the printer had to break, and Hanzi it cut in two."""
    torn: int = 0
    """Amounts with their unit on another line."""


def main() -> None:
    chosen = options("print_text", __doc__ or "")
    names = drug_names(_NAMES_SHORT if chosen.short else _NAMES)
    signs = symbols()
    of_names, of_signs = _count(names), _count(signs)
    figures: dict[str, float] = {
        "names": len(names),
        "symbol_lines": len(signs),
        "papers": len(_PAPERS),
        "lines": of_names.lines + of_signs.lines,
        "replaced": of_names.replaced + of_signs.replaced,
        "split": of_names.split + of_signs.split,
        "torn": of_names.torn + of_signs.torn,
        "native_share": of_names.native / of_names.lines,
        "symbols_native_share": of_signs.native / of_signs.lines,
        "escpos_torn": _escpos_torn(names),
        "escpos_replaced_share": _escpos_replaced(names),
        "escpos_symbols_replaced_share": _escpos_replaced(signs),
    }
    report(figures, quiet=chosen.json)


def _count(texts: Sequence[str]) -> Count:
    count = Count()
    for paper in _PAPERS:
        for slip in _slips(texts):
            _judge(slip, paper, count)
    return count


def _slips(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[at : at + _SLIP] for at in range(0, len(texts), _SLIP))


def _judge(texts: Sequence[str], paper: Paper, count: Count) -> None:
    slip = on_paper(encode(Document(tuple(Text(text) for text in texts)), paper).data, paper)
    count.split += len(slip.wrapped) + len(slip.split) + len(slip.faults)
    rows = iter([row for row in slip.rows if isinstance(row, TextRow | PictureRow)])
    for text in texts:
        lines = [row for row in lay_out(Document((Text(text),)), paper) if isinstance(row, Line)]
        printed = [next(rows) for _ in lines]
        count.lines += len(lines)
        count.native += sum(isinstance(row, TextRow) for row in printed)
        shown = all(_shows(row, line.text, paper) for row, line in zip(printed, lines, strict=True))
        count.replaced += not shown or _ink("".join(line.text for line in lines)) != _ink(text)
        count.torn += sum(all(amount not in line.text for line in lines) for amount in _AMOUNT.findall(text))


def _ink(text: str) -> str:
    return text.translate(_SAME)


def _shows(row: TextRow | PictureRow, text: str, paper: Paper) -> bool:
    if isinstance(row, TextRow):
        return row.text == text and sum(glyph.cells for glyph in row.glyphs) <= paper.columns
    drawn = draw_line(text, paper, width=1, height=1, bold=False, align="left", pitch=row.advance).tobytes()
    return len(drawn) == len(row.bits) and all(
        here == there or there == 0 and here == 0x10 for here, there in zip(drawn, row.bits, strict=True)
    )


def _escpos_replaced(texts: Sequence[str]) -> float:
    """The share that comes out otherwise through python-escpos, on the widest paper."""
    slips = zip(texts, _through_escpos(texts, PAPER_80), strict=True)
    return sum(_ink("".join(slip.lines)) != _ink(text) for text, slip in slips) / len(texts)


def _escpos_torn(texts: Sequence[str]) -> int:
    """python-escpos breaks no lines: the printer does, wherever its papers end."""
    return sum(
        all(amount not in line for line in slip.lines)
        for paper in _PAPERS
        for text, slip in zip(texts, _through_escpos(texts, paper), strict=True)
        for amount in _AMOUNT.findall(text)
    )


def _through_escpos(texts: Sequence[str], paper: Paper) -> Iterator[VirtualSlip]:
    dummy = importlib.import_module("escpos.printer").Dummy()
    for text in texts:
        dummy.clear()
        dummy.text(text + "\n")
        yield on_paper(dummy.output + CUT, paper)


if __name__ == "__main__":
    main()

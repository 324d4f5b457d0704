"""An ERP's CSV file as rows: its encoding, its heading, its columns by the mapping's names."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from erp.mapping import FileMapping
from erp.rows import NEEDED, WORDS, Flaw, Row

MOST_ROWS = 200_000
_ENCODINGS = {"utf-8": ("utf-8-sig",), "gbk": ("gb18030",), "auto": ("utf-8-sig", "gb18030")}


class BadCsv(ValueError):
    """No CSV file at all; the message says why, in Chinese."""


def rows(raw: bytes, name: str, mapping: FileMapping) -> tuple[tuple[Row, ...], tuple[Flaw, ...]]:
    """Either rows, of which one that lacks columns says so, or what is wrong with the file as a whole. What the file's
    name says counts for each of its rows."""
    try:
        table = parsed(raw, mapping.encoding, mapping.delimiter)
    except BadCsv as error:
        return (), (Flaw(0, str(error)),)
    if not table:
        return (), (Flaw(0, "文件是空的"),)
    if len(table) - 1 > MOST_ROWS:
        return (), (Flaw(0, f"最多 {MOST_ROWS} 行，请分开导出"),)
    return _rows(table, mapping.said_by(name), mapping)


def parsed(raw: bytes, encoding: str = "auto", delimiter: str = ",") -> list[list[str]]:
    """Its rows, the heading first. Raises BadCsv."""
    text = _decoded(raw, encoding)
    if text is None:
        named = "UTF-8 或 GBK" if encoding == "auto" else encoding
        raise BadCsv(f"文件不是 {named} 编码的 CSV（或含有空字符）")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadCsv(f"不是完整的 CSV：{error}") from error


def places(heading: Sequence[str], columns: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Where those columns are that the heading has, by the first of its names that stands there."""
    there = {cell.strip().casefold(): place for place, cell in enumerate(heading)}
    found = {
        column: [there[name.casefold()] for name in names if name.casefold() in there]
        for column, names in columns.items()
    }
    return {column: at[0] for column, at in found.items() if at}


def _rows(
    table: list[list[str]], said: dict[str, str], mapping: FileMapping
) -> tuple[tuple[Row, ...], tuple[Flaw, ...]]:
    heading = {cell.strip(): place for place, cell in enumerate(table[0])}
    lacking = [
        f"{WORDS[name]}（{column}）"
        for name, column in mapping.columns.items()
        if column not in heading and name in NEEDED[mapping.feed]
    ]
    if lacking:
        return (), (Flaw(0, f"缺少列：{'、'.join(lacking)}", ",".join(table[0])[:200]),)
    at = {name: heading[column] for name, column in mapping.columns.items() if column in heading}
    found = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        wrong = f"应有 {len(table[0])} 列，只有 {len(cells)} 列" if len(cells) < len(table[0]) else ""
        fields = {name: cells[place] for name, place in at.items() if place < len(cells)}
        found.append(Row(number, {**said, **fields}, wrong))
    return (tuple(found), ()) if found else ((), (Flaw(0, "文件里没有数据"),))


def _decoded(raw: bytes, encoding: str) -> str | None:
    for each in _ENCODINGS[encoding]:
        try:
            text = raw.decode(each)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None

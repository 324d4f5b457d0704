"""The ERP's answers to our documents, as a CSV file `answers….csv` in `in`: one row for each document."""

import re
from collections.abc import Mapping

from erp import terms
from erp.books import Answer
from erp.folder.csv_file import BadCsv, parsed, places
from erp.rows import Flaw
from erp.terms import BadValue

NAME = re.compile(r"answers.*\.csv", re.IGNORECASE)
_COLUMNS = {
    "number": ("单据编号", "number"),
    "result": ("结果", "result"),
    "reason": ("原因", "reason"),
    "reference": ("ERP单号", "reference"),
}
_BOOKED = {"1", "ok", "booked", "acknowledged", "已入账", "成功"}
_REFUSED = {"0", "2", "refused", "拒收", "失败"}


def read(raw: bytes) -> tuple[tuple[Answer, ...], tuple[Flaw, ...]]:
    try:
        table = parsed(raw)
    except BadCsv as error:
        return (), (Flaw(0, str(error)),)
    at = places(table[0] if table else (), _COLUMNS)
    if not {"number", "result"} <= at.keys():
        return (), (Flaw(0, "缺少列：单据编号、结果"),)
    found, flaws = [], []
    for row, cells in enumerate(table[1:], start=2):
        said = {name: cells[place].strip() for name, place in at.items() if place < len(cells)}
        if not any(said.values()):
            continue
        try:
            found.append(_answer(row, said))
        except BadValue:
            flaws.append(Flaw(row, "单据编号应为数字，结果应为 booked 或 refused", ",".join(cells)[:200]))
    return tuple(found), tuple(flaws)


def _answer(row: int, said: Mapping[str, str]) -> Answer:
    """Raises BadValue."""
    number, result = terms.whole(said.get("number", "")), said.get("result", "").casefold()
    if result not in _BOOKED | _REFUSED:
        raise BadValue(result)
    return Answer(number, result in _BOOKED, said.get("reason", ""), said.get("reference", ""), row)

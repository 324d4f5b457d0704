"""A supplier's bill as a CSV file: UTF-8 or GBK, a heading, one row per lot or per pack. A file with one bad row is not
used at all, and every bad row is named (docs/stock.md has the columns)."""

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from agent.catalogue import Lookup
from domain.codes import MakerCode, PackCode, ProductBarcode, classify, unique_part
from domain.days import NotADay, read_day
from domain.quantity import LARGEST, ONE, Quantity
from erp.folder.csv_file import BadCsv, parsed, places
from erp.rows import Flaw

MOST_ROWS = 5_000
COLUMNS = {
    "sku": ("商品编码", "sku"),
    "barcode": ("商品条码", "barcode"),
    "lot": ("批号", "lot"),
    "expiry": ("有效期至", "有效期", "expiry"),
    "produced": ("生产日期", "produced"),
    "quantity": ("数量", "quantity"),
    "codes": ("追溯码", "codes"),
}


class Row(msgspec.Struct, frozen=True):
    """One row that can be used. `number` is its line in the file, the heading being 1."""

    number: int
    sku: str
    lot: str
    expiry: date
    month_only: bool
    produced: date | None
    quantity: Quantity
    codes: tuple[str, ...] = ()


class _BadRow(ValueError):
    pass


def read(raw: bytes, lookup: Lookup) -> tuple[tuple[Row, ...], tuple[Flaw, ...]]:
    """The rows that can be used, and what is wrong with the others."""
    try:
        table = parsed(raw)
    except BadCsv as error:
        return (), (Flaw(0, str(error)),)
    at = places(table[0], COLUMNS) if table else {}
    if lacking := [COLUMNS[name][0] for name in ("lot", "expiry") if name not in at]:
        return (), (Flaw(0, f"缺少列：{'、'.join(lacking)}"),)
    if not {"sku", "barcode", "codes"} & at.keys():
        return (), (Flaw(0, "缺少列：商品编码、商品条码或追溯码"),)
    if len(table) - 1 > MOST_ROWS:
        return (), (Flaw(0, f"最多 {MOST_ROWS} 行，请分开导入"),)
    return _rows(table, at, lookup)


def _rows(table: list[list[str]], at: Mapping[str, int], lookup: Lookup) -> tuple[tuple[Row, ...], tuple[Flaw, ...]]:
    rows, flaws, seen = [], [], dict[str, int]()
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            row = _row(number, {name: cells[place].strip() for name, place in at.items() if place < len(cells)}, lookup)
            for code in row.codes:
                if seen.setdefault(code, number) != number:
                    raise _BadRow(f"追溯码 {code} 在第 {seen[code]} 行已有")
            rows.append(row)
        except (_BadRow, NotADay) as error:
            flaws.append(Flaw(number, str(error), ",".join(cells)))
    if not rows and not flaws:
        flaws.append(Flaw(0, "文件里没有数据"))
    return tuple(rows), tuple(flaws)


def _row(number: int, cells: Mapping[str, str], lookup: Lookup) -> Row:
    codes = tuple(_codes(cells.get("codes", ""), lookup))
    sku = _sku(cells, codes, lookup)
    lot = cells.get("lot", "")
    if not 0 < len(lot) <= 40:
        raise _BadRow("批号应为 1 到 40 个字符")
    expiry, month_only = read_day(cells.get("expiry", ""))
    produced = None
    if cells.get("produced"):
        produced, is_month = read_day(cells["produced"])
        if is_month:
            raise _BadRow("生产日期请填写到日")
    return Row(number, sku, lot, expiry, month_only, produced, _quantity(cells.get("quantity", ""), codes), codes)


def _codes(text: str, lookup: Lookup) -> Iterator[str]:
    """Parted by spaces, semicolons or bars. A maker's own code counts where a product is known to carry such."""
    for part in text.replace(";", " ").replace("；", " ").replace("|", " ").split():
        code = classify(part)
        unique = unique_part(code) if isinstance(code, PackCode) else None
        if unique is None or (isinstance(code, MakerCode) and not lookup.skus(code)):
            raise _BadRow(f"“{part}”不是追溯码（表格软件可能改写了长数字，请把该列设为文本）")
        yield unique


def _sku(cells: Mapping[str, str], codes: tuple[str, ...], lookup: Lookup) -> str:
    """As named; what its barcode or its codes say must not contradict it."""
    said = {lookup.skus(classify(code)) for code in codes} - {frozenset()}
    if barcode := cells.get("barcode"):
        code = classify(barcode)
        if not isinstance(code, ProductBarcode) or not lookup.skus(code):
            raise _BadRow(f"商品条码 {barcode} 未建档")
        said.add(lookup.skus(code))
    named = cells.get("sku")
    if named:
        if named not in lookup.of_skus([named]):
            raise _BadRow(f"商品编码 {named} 未建档")
        said.add(frozenset({named}))
    skus = frozenset.intersection(*said) if said else frozenset()
    if len(skus) != 1:
        raise _BadRow("追溯码、条码与商品编码不是同一个商品" if said else "没有商品编码，追溯码前缀也未建档")
    return next(iter(skus))


def _quantity(text: str, codes: tuple[str, ...]) -> Quantity:
    """In units; how many codes there are where nothing is said."""
    if not text:
        return len(codes) * ONE
    try:
        quantity = round(float(text) * ONE)
    except (ValueError, OverflowError):
        raise _BadRow(f"数量“{text}”不是数字") from None
    if not 0 < quantity <= LARGEST:
        raise _BadRow(f"数量“{text}”不对")
    return quantity

"""Suppliers' files: used whole or not at all, every bad row named, kept as they came."""

import msgspec
import pytest

from agent.errors import NotNow
from agent.owners import NotOurs
from agent.picking import code_lots
from agent.receiving import importing
from agent.receiving.importing import FileKind, Imported
from agent.staff import stations
from domain.lots import LotSource
from domain.operations import GoodsReceived
from domain.quantity import units
from tests.agent.goods.conftest import LATER, Counter, Goods
from tests.agent.picking.conftest import pack

HEAD = "商品编码,批号,有效期至,生产日期,数量,追溯码\n"


def take(goods: Goods, kind: FileKind, text: str, encoding: str = "utf-8") -> Imported:
    lookup, raw = goods.counter.lookup, text.encode(encoding)
    return goods.counter.do(lambda tx: importing.take(tx, kind, "bill.csv", raw, stations.actor(tx, "page:1"), lookup))


def kept(goods: Goods) -> list[tuple[bytes, str]]:
    rows = goods.counter.work.read(lambda reading: reading.db.execute("SELECT raw, flaws FROM goods_files").fetchall())
    return [(row["raw"], row["flaws"]) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_file_fills_the_draft_line_by_lot(goods: Goods, encoding: str) -> None:
    packs = f"AMX,L1,2028-06-30,2026-07-01,,{pack(1)}\nAMX,L1,20280630,2026/7/1,,{pack(2)}\n"
    text = f"{HEAD}{packs}IBU,L2,2028-06,2026-07-01,3,\n"
    assert take(goods, FileKind.RECEIPT, text, encoding) == Imported(3, 2)
    assert [(line.sku, line.lot, line.quantity, line.codes) for line in goods.draft.lines] == [
        ("AMX", "L1", units(2), 2),
        ("IBU", "L2", units(3), 0),
    ]
    goods.commit()
    (told,) = goods.counter.told(GoodsReceived)
    assert told.lines[1].month_only
    assert take(goods, FileKind.RECEIPT, text).flaws[0].row == 2  # its codes came in already


def test_one_bad_row_and_nothing_is_taken(goods: Goods) -> None:
    rows = (
        f"AMX,L1,2028-06-30,2026-07-01,1,{pack(1)}",
        "XXX,L1,2028-06-30,,1,",
        "AMX,,2028-06-30,,1,",
        "AMX,L1,someday,,1,",
        "AMX,L1,2028-06-30,,-1,",
        "AMX,L1,2028-06-30,,1,8.12346E+19",
        f"AMX,L1,2028-06-30,,1,{pack(1)}",
        f"IBU,L1,2028-06-30,,1,{pack(9)}",
    )
    text = HEAD + "\n".join(rows)
    found = take(goods, FileKind.RECEIPT, text)
    assert [flaw.row for flaw in found.flaws] == [3, 4, 5, 6, 7, 8, 9]
    assert found.flaws[0].text == rows[1]
    assert goods.draft.lines == ()
    (raw, flaws), *_ = kept(goods)
    assert raw == text.encode()
    assert len(msgspec.json.decode(flaws)) == 7


@pytest.mark.parametrize(
    "text", ["", "\x00\x01", "批号,数量\nL1,2\n", "商品编码,数量\nAMX,2\n", HEAD, HEAD + "x" * 200_000]
)
def test_what_is_no_such_file_is_said_so(goods: Goods, text: str) -> None:
    try:
        found = take(goods, FileKind.RECEIPT, text)
    except NotNow:
        assert not text
        return
    assert [flaw.row for flaw in found.flaws] == [0]


def test_a_bill_tells_lots_and_moves_no_stock_whoever_owns_it(counter: Counter) -> None:
    goods = Goods(counter)
    text = f"{HEAD}AMX,L1,2028-06-30,2026-07-01,,{pack(1)}\n"
    with pytest.raises(NotOurs):
        take(goods, FileKind.RECEIPT, text)
    assert take(goods, FileKind.BILL, text) == Imported(1, 1)
    known = counter.work.read(lambda reading: code_lots.of_code(reading, pack(1)))
    assert known is not None
    assert (known.lot, known.source, known.expiry) == ("L1", LotSource.BILL, LATER)
    assert goods.on_hand() is None
    assert counter.told(GoodsReceived) == []


def test_a_bill_may_not_contradict_what_is_known(goods: Goods) -> None:
    take(goods, FileKind.BILL, f"{HEAD}AMX,L1,2028-06-30,,,{pack(1)}\n")
    (flaw,) = take(goods, FileKind.BILL, f"{HEAD}AMX,L2,2028-06-30,,,{pack(1)}\n").flaws
    assert "L1" in flaw.why
    goods.have("L7", 1)
    (flaw,) = take(goods, FileKind.BILL, f"{HEAD}AMX,L7,2029-06-30,,,{pack(2)}\n").flaws
    assert "2028-06-30" in flaw.why and "2029-06-30" in flaw.why


def test_a_scanned_pack_takes_the_lot_of_its_bill(goods: Goods) -> None:
    take(goods, FileKind.BILL, f"{HEAD}AMX,L1,2028-06-30,2026-07-01,,{pack(1)}\n")
    assert goods.scan(pack(1)).good
    assert goods.draft.ready
    goods.edit(goods.draft.lines[0].line_id, lot="L2")
    with pytest.raises(NotNow, match="L1"):
        goods.commit()

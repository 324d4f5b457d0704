"""What the ERP lays into `in`: taken whole and once, or refused with every reason."""

import pytest

from agent.erp import files_taken
from domain.operations import ErpCounted, ErpSold
from domain.quantity import units
from domain.times import DAY
from erp.books import FileState
from erp.folder import looking
from tests.agent.erp.conftest import HEAD, Share
from tests.agent.picking.conftest import pack


def test_sales_are_taken_once_and_the_file_moves(share: Share) -> None:
    text = HEAD + f"P1,2026-11-22 09:30:00,AMX,2,{pack(1)};{pack(2)}\nP2,2026-11-22 09:31,AMX,1.0,\n"
    share.lay("sales1.csv", text.encode("gbk"))
    share.look()
    assert share.erp.on_hand == 7
    assert (share.names("in"), share.names("done")) == ([], ["sales1.csv"])
    share.lay("sales1-again.csv", text.encode("gbk"))
    share.lay("sales2.csv", "\ufeff" + HEAD + "P2,2026-11-22 09:31,AMX,1,\nP3,2026-11-22 09:32,AMX,0.5,\n")
    share.look()
    assert share.erp.on_hand == 6  # 6.5, shown in whole units
    assert len(share.erp.counter.told(ErpSold)) == 3
    assert len(share.names("done")) == 3


def test_a_file_that_is_still_written_is_left_alone(share: Share) -> None:
    text = HEAD + "P1,5,AMX,1,\nP2,6,AMX,1,\n"
    for length in range(0, len(text), 9):
        share.lay("sales.csv", text[:length])
        for _ in range(2):  # it rests for a moment while more is on its way
            share.folder.step()
            share.at += 0.5
    share.lay("sales.csv", text)
    share.lay("sales.csv.tmp", "half")
    share.folder.step()
    assert share.erp.counter.told(ErpSold) == []
    assert (share.names("done"), share.names("rejected")) == ([], [])
    share.look()
    assert len(share.erp.counter.told(ErpSold)) == 2
    assert share.names("in") == ["sales.csv.tmp"]


def test_a_file_with_ok_waits_for_it(share: Share) -> None:
    path = share.lay("in7.txt", "单号\t时间\t编码\t数量\t批号\t效期\nR1\t3\tAMX\t4\tL7\t30.06.2028\n".encode("gbk"))
    share.look()
    assert share.erp.lot("L7") is None
    looking.ok_of(path).touch()
    share.look()
    held = share.erp.lot("L7")
    assert held is not None
    assert (held.lot.quantity, share.names("in")) == (units(4), [])


def test_a_bad_file_is_refused_whole_with_every_reason(share: Share) -> None:
    share.lay("sales.csv", HEAD + "P1,5,AMX,1,\nP2,6,AMX,两盒,\n,7,AMX,1,\nP4,昨天,AMX,1,\nP5,8,AMX,1,8.1E+19\n")
    share.look()
    assert share.erp.counter.told(ErpSold) == []
    assert [row[0] for row in share.reasons()] == ["3", "4", "5", "6"]
    assert "sales.csv" in share.names("rejected")
    (refused,) = share.erp.counter.work.read(files_taken.with_flaws)
    assert (refused.state, len(refused.flaws)) == (FileState.REFUSED, 4)
    share.erp.do(lambda tx: files_taken.seen(tx, refused.digest))
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()


def test_good_documents_of_a_bad_file_are_taken_where_it_is_set_so(share: Share) -> None:
    head = "小票号,时间,编码,数量\n"
    share.lay("lines.csv", head + "P1,5,AMX,1\nP2,6,AMX,x\nP2,6,AMX,1\nP3,7,AMX,2\n")
    share.look()
    assert [each.sale.document_id for each in share.erp.counter.told(ErpSold)] == ["P1", "P3"]
    assert [row[0] for row in share.reasons()] == ["3"]
    assert share.names("done") == ["lines.csv"]
    share.lay("lines.csv", head + "P1,5,AMX,1\nP2,6,AMX,1\nP2,6,AMX,1\nP3,7,AMX,2\n")
    share.look()
    assert [each.sale.document_id for each in share.erp.counter.told(ErpSold)] == ["P1", "P3", "P2"]


def test_one_id_with_two_bodies_is_named(share: Share) -> None:
    share.lay("sales1.csv", HEAD + "P1,5,AMX,1,\n")
    share.look()
    share.lay("sales2.csv", HEAD + "P1,5,AMX,9,\nP2,6,AMX,1,\n")
    share.look()
    assert share.erp.on_hand == 8
    assert "P1" in share.reasons()[0][1]


def test_a_till_that_sells_and_takes_back_in_one_ticket(share: Share) -> None:
    share.lay("sales.csv", HEAD + "P1,5,AMX,2,\nP1,5,IBU,-1,\n")
    share.look()
    assert [(each.sale.document_id, each.sale.returned) for each in share.erp.counter.told(ErpSold)] == [
        ("P1", False),
        ("P1-R", True),
    ]


def test_a_count_of_ten_thousand_rows_in_its_name_what_it_contains(share: Share) -> None:
    rows = "".join(f"S{number:05d},{number % 50},B{number},2028-06\n" for number in range(10_000))
    share.lay("stock_20261122093000_0.csv", "编码,库存,批号,效期\n" + rows + "AMX,7,B1,20280630\nAMX,2,B2,2028-07-31\n")
    share.look()
    assert share.erp.on_hand == 9
    told = share.erp.counter.told(ErpCounted)
    assert len(told) > 0
    assert share.names("done") == ["stock_20261122093000_0.csv"]


def test_equal_levels_at_a_later_time_are_another_count(share: Share) -> None:
    for time, level in (("080000", 5), ("090000", 10), ("100000", 5)):
        share.lay(f"stock_20261122{time}_0.csv", f"编码,库存,批号,效期\nAMX,{level},,\n")
        share.look()
        assert share.erp.on_hand == level
    told = len(share.erp.counter.told(ErpCounted))
    share.lay("stock_20261122100000_0.csv", "编码,库存,批号,效期\nAMX,5,,\n")
    share.look()
    assert len(share.erp.counter.told(ErpCounted)) == told


def test_a_product_with_one_bad_row_has_no_level(share: Share) -> None:
    text = "编码,库存,批号,效期\nAMX,4,B1,2028-06\nAMX,两盒,B2,2028-07\nIBU,3,,\n"
    share.lay("levels_20261122093000.csv", text)
    share.look()
    told = [level.sku for each in share.erp.counter.told(ErpCounted) for level in each.count.levels]
    assert (told, share.erp.on_hand, share.names("done")) == (["IBU"], 10, ["levels_20261122093000.csv"])


def test_a_row_that_lacks_columns_takes_its_whole_product_out(share: Share) -> None:
    share.lay("levels_20261122093000.csv", "编码,库存,批号,效期\nAMX,4,B1,2028-06\nAMX,2\nIBU,3,,\n")
    share.look()
    told = [level.sku for each in share.erp.counter.told(ErpCounted) for level in each.count.levels]
    assert (told, share.erp.on_hand, [row[0] for row in share.reasons()]) == (["IBU"], 10, ["3"])


def test_a_row_that_lacks_columns_takes_its_whole_document_out(share: Share) -> None:
    head = "小票号,时间,编码,数量\n"
    share.lay("lines.csv", head + "P1,5,AMX,1\nP1,5,IBU\nP2,6,AMX,1\nP3\n")
    share.look()
    assert [each.sale.document_id for each in share.erp.counter.told(ErpSold)] == ["P2"]
    assert [(row[0], "列" in row[1]) for row in share.reasons()] == [("3", True), ("5", True)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "空"),
        (b"\xff\xfe\x00a", "编码"),
        (HEAD.encode(), "没有数据"),
        ("小票号,时间,编码\n".encode(), "缺少列"),
        ((HEAD + 'P1,5,"AMX,1,\n').encode(), "CSV"),
        ((HEAD + "P1,5,AMX\n").encode(), "列"),
    ],
)
def test_what_is_no_such_file_is_said_plainly(share: Share, content: bytes, why: str) -> None:
    share.lay("sales.csv", content)
    share.look()
    assert why in share.reasons()[0][1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sales.csv", HEAD + "=1+1,5,AMX\n"),
        ("sales.csv", "=1+1\n1\n"),
        ("answers.csv", "单据编号,结果\n=1+1,booked\n"),
        ("answers.csv", '单据编号,结果\n"\n =1+1",booked\n'),
        ("answers.csv", "单据编号,结果\n＝1+1,booked\n"),
    ],
)
def test_reasons_are_read_by_a_spreadsheet_and_not_reckoned(share: Share, name: str, content: str) -> None:
    share.lay(name, content)
    share.look()
    ((_, _, said),) = share.reasons()
    assert "1+1" in said and said.lstrip()[0] not in "=+-@＝＋－＠"


def test_a_file_nobody_mapped_is_refused(share: Share) -> None:
    share.lay("什么.csv", "a,b\n1,2\n")
    share.look()
    assert "映射" in share.reasons()[0][1]


def test_old_files_leave_the_folder(share: Share) -> None:
    share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    share.look()
    assert share.names("done") == ["sales.csv"]
    share.start()
    share.look(1)
    assert share.names("done") == ["sales.csv"]
    share.erp.counter.clock.advance(400 * DAY)
    share.start()
    share.look(1)
    assert share.names("done") == []

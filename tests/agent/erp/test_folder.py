"""The watched folder: files are taken whole, once, and only when complete; whatever is killed between is finished."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from agent.erp import documents, files_taken
from agent.erp.store_books import StoreBooks, StoreDisk
from agent.transactions import Reading
from domain.erp import DocumentState
from domain.operations import ErpCounted, ErpSold
from domain.quantity import units
from domain.times import DAY
from erp import mapping
from erp.books import FileState
from erp.errors import FolderGone
from erp.folder import handing, layout, looking, taking
from erp.folder.folder import Folder
from tests.agent.core.hub import line, order
from tests.agent.erp.conftest import Erp
from tests.agent.picking.conftest import pack

MAPPING = """
[[files]]
feed = "sales"
name = 'sales.*\\.csv'
columns = { document_id = "小票号", sequence = "时间", sku = "编码", quantity = "数量", codes = "追溯码" }

[[files]]
feed = "sales"
name = 'lines.*\\.csv'
bad_rows = "lines"
columns = { document_id = "小票号", sequence = "时间", sku = "编码", quantity = "数量" }

[[files]]
feed = "counts"
name = 'stock_(?P<as_of>\\d{14})_(?P<contains>\\d+)\\.csv'
columns = { sku = "编码", quantity = "库存", lot = "批号", expiry = "效期" }

[[files]]
feed = "counts"
name = 'levels_(?P<as_of>\\d{14})\\.csv'
bad_rows = "lines"
columns = { sku = "编码", quantity = "库存", lot = "批号", expiry = "效期" }

[[files]]
feed = "receipts"
name = 'in.*\\.txt'
ready = "ok"
delimiter = "\\t"
encoding = "gbk"
days = ["%%d.%%m.%%Y"]
columns = { document_id = "单号", sequence = "时间", sku = "编码", quantity = "数量", lot = "批号", expiry = "效期" }

[documents]
format = "%s"
acknowledge = "%s"
"""
HEAD = "小票号,时间,编码,数量,追溯码\n"


class Share:
    """The folder, with a clock of its own in place of waiting."""

    def __init__(self, erp: Erp, root: Path) -> None:
        self.erp, self.root, self.at = erp, root, 0.0
        self.how = ("json", "file")
        erp.counter.clock.advance(DAY)  # the files below are of that morning
        root.mkdir()
        self.start()

    def start(self, *how: str) -> None:
        """As the agent does at its start: nothing is remembered but what is on the disk."""
        self.how = (how[0], how[1]) if how else self.how
        self.folder = Folder(
            self.root, mapping.parse(MAPPING % self.how), StoreBooks(self.erp.counter.work), StoreDisk()
        )
        self.folder._watch = looking.Watch(lambda: self.at)

    def lay(self, name: str, content: str | bytes) -> Path:
        (self.root / "in").mkdir(exist_ok=True)
        path = self.root / "in" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def look(self, times: int = 3) -> None:
        for _ in range(times):
            self.folder.step()
            self.at += 10

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.name != layout.MARK)

    def reasons(self) -> list[list[str]]:
        (found,) = [path for path in (self.root / "rejected").iterdir() if path.name.endswith("原因.csv")]
        return list(csv.reader(io.StringIO(found.read_text("utf-8-sig"))))[1:]


@pytest.fixture
def share(erp: Erp, tmp_path: Path) -> Share:
    return Share(erp, tmp_path / "erp")


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


def test_reasons_are_read_by_a_spreadsheet_and_not_reckoned(share: Share) -> None:
    share.lay("sales.csv", HEAD + "=1+1,5,AMX\n")
    share.look()
    assert share.reasons()[0][2] == "'=1+1,5,AMX"


def test_a_file_nobody_mapped_is_refused(share: Share) -> None:
    share.lay("什么.csv", "a,b\n1,2\n")
    share.look()
    assert "映射" in share.reasons()[0][1]


def test_a_share_that_is_not_there_waits(share: Share) -> None:
    share.look()
    share.root.rename(share.root.with_name("unmounted"))
    with pytest.raises(FolderGone):
        share.folder.step()
    assert not share.root.exists()


def sell(share: Share, count: int) -> None:
    for number in range(1, count + 1):
        share.erp.sell(order(f"o{number}", line()), pack(number))


def states(share: Share) -> list[DocumentState]:
    return [each.state for each in share.erp.documents]


def test_documents_lie_there_until_they_are_answered(share: Share) -> None:
    sell(share, 2)
    share.look()
    first, second = share.erp.numbers
    assert share.names("out") == [f"{first:012d}.json", f"{second:012d}.json"]
    told = json.loads((share.root / "out" / share.names("out")[0]).read_text("utf-8"))
    assert (told["number"], told["document_id"], told["lines"][0]["quantity"]) == (first, "sale:o1", 1)
    share.lay(
        "answers1.csv", f"单据编号,结果,原因,ERP单号\n{first},booked,,XS-1\n{second},拒收,无此商品,\n999,booked,,\n"
    )
    share.look()
    assert states(share) == [DocumentState.ACKNOWLEDGED, DocumentState.REFUSED]
    assert share.names("out") == []
    assert share.reasons()[0][0] == "4"


@pytest.mark.parametrize("content", [f"number,result\n1,{'x' * 200_000}\n", 'number,result\n1,"booked'])
def test_answers_that_are_no_csv_file_are_refused_as_a_whole(share: Share, content: str) -> None:
    """What the reader of CSV files gives up on is no reason to read it again for ever."""
    share.lay("answers1.csv", content)
    share.look()
    assert (share.names("in"), share.reasons()[0][0]) == ([], "整个文件")


def test_fetched_is_acknowledged_where_it_is_set_so(share: Share) -> None:
    share.start("csv", "removal")
    sell(share, 2)
    share.look()
    assert states(share) == [DocumentState.DELIVERED] * 2
    (share.root / "out" / share.names("out")[0]).unlink()
    share.look()
    assert states(share) == [DocumentState.ACKNOWLEDGED, DocumentState.DELIVERED]
    (share.root / "out" / layout.MARK).unlink()
    (share.root / "out" / share.names("out")[0]).unlink()
    with pytest.raises(FolderGone):
        share.look()
    assert states(share)[1] is DocumentState.DELIVERED  # an empty mount is no answer


class NotedDisk(StoreDisk):
    """Notes what it was asked to make last, and whether `out` was there with its mark."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[tuple[str, str, bool]] = []

    def write(self, path: Path, content: bytes) -> None:
        super().write(path, content)
        self._note("write", path)

    def settle(self, folder: Path) -> None:
        super().settle(folder)
        self._note("settle", folder)

    def _note(self, what: str, path: Path) -> None:
        self.asked.append((what, path.relative_to(self.root).as_posix(), (self.root / "out" / layout.MARK).is_file()))


def test_the_folders_last_and_out_is_never_without_its_mark(tmp_path: Path) -> None:
    """A power cut that took the mark alone would leave `out` a share that is not there, for ever."""
    disk, made = NotedDisk(tmp_path), layout.Layout(tmp_path)
    made.prepare(disk)
    made.prepare(disk)
    assert made.out_is_there
    assert disk.asked == [("write", f"out.new/{layout.MARK}", False), ("settle", ".", True)]


@pytest.fixture
def emptied(share: Share) -> Share:
    """A share that is not mounted any more: its mount point is there, with nothing in it."""
    share.start("json", "removal")
    sell(share, 2)
    share.look()
    assert states(share) == [DocumentState.DELIVERED] * 2
    share.root.rename(share.root.with_name("unmounted"))
    share.root.mkdir()
    share.start()
    return share


def test_an_empty_mount_point_fetched_nothing(emptied: Share) -> None:
    with pytest.raises(FolderGone):
        emptied.look()
    assert states(emptied) == [DocumentState.DELIVERED] * 2
    assert list(emptied.root.iterdir()) == []
    emptied.root.rmdir()
    emptied.root.with_name("unmounted").rename(emptied.root)
    (emptied.root / "out" / emptied.names("out")[0]).unlink()
    emptied.look()
    assert states(emptied) == [DocumentState.ACKNOWLEDGED, DocumentState.DELIVERED]


def test_a_folder_that_begins_anew_fetched_nothing_of_before(emptied: Share) -> None:
    (emptied.root / "out").mkdir()
    (emptied.root / "out" / layout.MARK).touch()
    emptied.look()
    assert states(emptied) == [DocumentState.DELIVERED] * 2
    emptied.erp.sell(order("o9", line()), pack(9))
    emptied.look()
    emptied.start()
    (emptied.root / "out" / emptied.names("out")[0]).unlink()
    emptied.look()
    assert states(emptied) == [DocumentState.DELIVERED, DocumentState.DELIVERED, DocumentState.ACKNOWLEDGED]


def test_another_folder_fetched_nothing_of_before(emptied: Share) -> None:
    emptied.root = emptied.root.with_name("moved")
    emptied.root.mkdir()
    emptied.start()
    emptied.look()
    assert states(emptied) == [DocumentState.DELIVERED] * 2


class Killed(BaseException):
    """kill -9: nothing behind it runs."""


STEPS: list[tuple[object, str]] = [
    (taking.Taking, "_take"),
    (taking.Taking, "_taken"),
    (taking.Taking, "_away"),
    (taking, "move"),
    (files_taken, "put"),
    (StoreBooks, "take"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(
    share: Share, monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: bool
) -> None:
    rows = "".join(f"P{number},{number},AMX,0.05,\n" for number in range(120))
    share.lay("sales.csv", HEAD + rows)
    with monkeypatch.context() as killing:
        killing.setattr(where, name, dying(getattr(where, name), after=after))
        with pytest.raises(Killed):
            share.look()
    share.start()
    share.look()
    assert len(share.erp.counter.work.read(all_sales)) == 120
    assert share.erp.on_hand == 4
    assert (share.names("in"), share.names("done")) == ([], ["sales.csv"])


def dying(real: Callable[..., object], *, after: bool) -> Callable[..., object]:
    def step(*given: object, **named: object) -> object:
        if after:
            real(*given, **named)
        raise Killed

    return step


def all_sales(reading: Reading) -> list[object]:
    return list(reading.db.execute("SELECT 1 FROM erp_feeds WHERE kind = 'sale'"))


OUT_STEPS: list[tuple[object, str]] = [
    (documents, "delivered"),
    (handing, "move"),
    (StoreDisk, "write"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name"), OUT_STEPS, ids=[name for _, name in OUT_STEPS])
def test_killed_while_handing_over_each_document_appears_once(
    share: Share, monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: bool
) -> None:
    """The ERP fetches whatever lies there, at every moment: it must see each document once."""
    share.start("json", "removal")
    share.look(1)
    sell(share, 3)
    fetched: list[int] = []

    def fetch() -> None:
        for path in sorted((share.root / "out").glob("*.json")):
            fetched.append(json.loads(path.read_text("utf-8"))["number"])
            path.unlink()

    with monkeypatch.context() as killing:
        killing.setattr(where, name, dying(getattr(where, name), after=after))
        with pytest.raises(Killed):
            share.look()
    for _ in range(3):
        fetch()
        share.start()
        share.look(1)
    assert fetched == share.erp.numbers
    assert states(share) == [DocumentState.ACKNOWLEDGED] * 3


def test_windows_style_locks_are_waited_for(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    share.look(1)
    share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    with monkeypatch.context() as held:
        held.setattr(looking, "_opened", refusing)
        share.look()
    assert share.names("in") == ["sales.csv"]
    share.look()
    assert share.names("done") == ["sales.csv"]


def test_a_link_in_the_folder_is_not_read(share: Share, tmp_path: Path) -> None:
    """Whoever lays files here must not see through us what only we may read."""
    secret = tmp_path / "credential.json"
    secret.write_text('{"token":"TOPSECRET"}\n')
    share.look(1)
    link = share.root / "in" / "sales1.csv"
    link.symlink_to(secret)
    share.look()
    assert looking.read_now(link) is None
    assert (share.names("in"), share.names("done"), share.names("rejected")) == (["sales1.csv"], [], [])


def test_reasons_are_not_written_through_a_link(share: Share, tmp_path: Path) -> None:
    victim = tmp_path / "agent.toml"
    victim.write_text("good = true\n")
    share.look(1)
    digest = hashlib.sha256(b"x\n").hexdigest()[:8]
    (share.root / "rejected" / f"nobody.csv.{digest}.原因.csv").symlink_to(victim)
    share.lay("nobody.csv", "x\n")
    share.look()
    assert victim.read_text() == "good = true\n"
    assert "映射" in share.reasons()[0][1]


@pytest.mark.parametrize("name", [f"{'总' * 80}.csv", f"{'x' * 251}.csv", os.fsdecode("销售.csv".encode("gbk"))])
def test_an_odd_name_stops_nothing_else(share: Share, name: str) -> None:
    for content in ("x\n", "y\n"):  # the second finds its name taken
        share.lay(name, content)
        share.lay("sales2.csv", HEAD + "P2,2026-11-22 09:31,AMX,1,\n")
        os.utime(share.root / "in" / "sales2.csv", (2e9, 2e9))
        share.look()
    assert share.erp.on_hand == 9
    assert share.names("in") == []
    assert len(share.names("rejected")) == 4


def test_what_is_never_taken_is_told_once(share: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file we may not read, a link, one that never got its name or its `.ok`: nobody else would notice."""
    (share.root / "in").mkdir()
    (share.root / "in" / "link.csv").symlink_to(tmp_path)
    share.lay("sales.csv.tmp", HEAD)
    share.lay("in7.txt", "x")
    locked = share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    monkeypatch.setattr(looking, "_opened", lambda path: refusing() if path == locked else path.open("rb"))
    share.look()
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()
    share.at += looking.STUCK_S
    share.look()
    told = share.erp.counter.work.read(files_taken.with_flaws)
    assert {each.name: each.flaws[0].why[:4] for each in told} == {
        "in/link.csv": "不是文件",
        "in/sales.csv.tmp": "文件名以",
        "in/in7.txt": "旁边没有",
        "in/sales.csv": "不能读取",
    }
    for each in told:
        share.erp.do(partial(files_taken.seen, digest=each.digest))
    share.look()
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()


def test_many_files_of_one_name_are_not_one_that_is_stuck(share: Share) -> None:
    for number in range(10):
        share.lay("sales.csv", HEAD + f"P{number},5,AMX,0.1,\n")
        share.look(2)
        share.at += looking.STUCK_S / 4
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()


def refusing(*_: object, **__: object) -> None:
    raise PermissionError(13, "another program holds it")


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

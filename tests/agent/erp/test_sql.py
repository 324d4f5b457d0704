"""The ERP's database, on SQLite and PostgreSQL: nothing of its views is skipped or doubled, however late rows become
visible; documents are rows, written once and answered there."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.erp import documents, feeds, files_taken
from agent.erp.store_books import StoreBooks
from domain.erp import DocumentState
from domain.operations import ErpCounted, ErpSold
from erp import mapping, rows
from erp.errors import DatabaseGone
from erp.sql import hand_over, views
from erp.sql.database import Database
from erp.sql.sql import Sql
from tests.agent.core.hub import line, order
from tests.agent.erp.conftest import Erp
from tests.agent.erp.killing import Killed, dying
from tests.agent.picking.conftest import pack
from tests.cloud.conftest import POSTGRES_MISSING
from tests.postgres import server

MAPPING = """
[[views]]
feed = "sales"
view = "v_sales"
by = "%(by)s"
window = %(window)d
every_seconds = 1
columns = { document_id = "bill", sequence = "id", sku = "code", quantity = "qty", lot = "lot" }

[[views]]
feed = "counts"
view = "v_stock"
every_seconds = 1
columns = { as_of = "as_of", sku = "code", quantity = "qty" }

[hand_over]
table = "yaolink_documents"
columns = { number = "no", document_id = "doc", kind = "kind", order_id = "ord", body = "body" }
state = "state"
reason = "why"
reference = "ref"
every_seconds = 1
"""
TABLES = (
    "CREATE TABLE v_sales (id INTEGER, bill TEXT, code TEXT, qty NUMERIC(10, 3), lot TEXT, changed TIMESTAMP)",
    "CREATE TABLE v_stock (as_of INTEGER, code TEXT, qty NUMERIC(10, 3))",
    "CREATE TABLE yaolink_documents (no BIGINT PRIMARY KEY, doc TEXT NOT NULL, kind TEXT, ord TEXT, body TEXT,"
    " state TEXT, why TEXT, ref TEXT)",
)


class Bench:
    """A store and its ERP's database."""

    def __init__(self, erp: Erp, url: str) -> None:
        self.erp, self.url = erp, url
        self.engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        self.run(*TABLES)
        self.start()

    def start(self, by: str = "id", window: int = 10) -> None:
        named = mapping.parse(MAPPING % {"by": by, "window": window})
        self.connector = Sql(named, Database(self.url, lambda: None), StoreBooks(self.erp.counter.work))

    def run(self, *statements: str, **values: object) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement), values)

    def sold(self, number: int, bill: str, quantity: float = 1, minute: int = 0) -> None:
        self.run(
            "INSERT INTO v_sales VALUES (:id, :bill, 'AMX', :qty, NULL, :at)",
            id=number, bill=bill, qty=quantity, at=datetime(2026, 11, 22, 9, minute),
        )  # fmt: skip

    def stock(self, quantity: int, as_of: int) -> None:
        self.run("DELETE FROM v_stock")
        self.run("INSERT INTO v_stock VALUES (:as_of, 'AMX', :qty)", as_of=as_of, qty=quantity)

    def book(self, state: str = "booked") -> None:
        self.run("UPDATE yaolink_documents SET state = :state, ref = 'XS', why = '无此商品'", state=state)

    def rows(self) -> list[tuple[int, str]]:
        with self.engine.begin() as connection:
            return [(row.no, row.doc) for row in connection.execute(sa.text("SELECT * FROM yaolink_documents"))]

    def look(self) -> None:
        for each in self.connector._due:
            each.at = 0.0
        self.connector.step()

    @property
    def bills(self) -> list[str]:
        return [each.sale.document_id for each in self.erp.counter.told(ErpSold)]


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with server() as url:
        yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=[pytest.mark.postgres, pytest.mark.skipif(POSTGRES_MISSING, reason="none here")],
        ),
    ]
)
def bench(request: pytest.FixtureRequest, erp: Erp, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "sqlite":
        made = Bench(erp, f"sqlite:///{tmp_path / 'erp.db'}")
        yield made
        made.engine.dispose()
        return
    url = request.getfixturevalue("postgres_url")
    made = Bench(erp, url)
    yield made
    made.run("DROP TABLE v_sales", "DROP TABLE v_stock", "DROP TABLE yaolink_documents")


def test_what_was_there_before_is_not_sold_again(bench: Bench) -> None:
    bench.sold(1, "old")
    bench.look()
    bench.sold(2, "new")
    bench.look()
    bench.look()
    assert bench.bills == ["new"]
    assert bench.erp.on_hand == 9


@pytest.mark.parametrize("by", ["id", "changed"])
def test_a_view_that_was_empty_is_read_from_its_first_row(bench: Bench, by: str) -> None:
    bench.start(by, window=60)
    bench.look()
    bench.look()
    bench.start(by, window=60)
    for number in range(1, 4):
        bench.sold(number, f"P{number}", minute=number * 10)
        bench.look()
        bench.look()
    assert bench.bills == ["P1", "P2", "P3"]
    assert bench.erp.on_hand == 7


def test_a_view_without_any_time_yet_is_empty(bench: Bench) -> None:
    bench.start("changed", window=60)
    bench.run("INSERT INTO v_sales VALUES (1, 'draft', 'AMX', 1, NULL, NULL)")
    bench.look()
    bench.look()
    bench.sold(2, "P1", minute=1)
    bench.look()
    assert bench.bills == ["P1"]


@pytest.mark.parametrize("by", ["id", "changed"])
def test_a_row_that_becomes_visible_late_is_found(bench: Bench, by: str) -> None:
    """Its id was given before the commit that shows it."""
    bench.start(by, window=600)
    bench.sold(1, "A", minute=1)
    bench.look()
    bench.sold(5, "C", minute=9)
    bench.look()
    bench.sold(3, "B", minute=5)
    bench.look()
    assert bench.bills == ["C", "B"]


def test_a_document_is_read_whole_from_wherever_its_rows_begin(bench: Bench) -> None:
    bench.sold(1, "A")
    bench.look()
    for number in (2, 3, 20):
        bench.sold(number, "B", 0.5)
    bench.look()
    bench.sold(29, "C")  # the window begins between the rows of B
    bench.look()
    assert bench.bills == ["B", "C"]
    assert (
        bench.erp.counter.work.read(lambda reading: reading.db.execute("SELECT 1 FROM erp_conflicts").fetchall()) == []
    )
    (sale, _) = bench.erp.counter.told(ErpSold)
    assert [each.quantity for each in sale.sale.lines] == [500, 500, 500]


@pytest.mark.parametrize(("late", "started_anew"), [(False, False), (True, False), (False, True)])
def test_rows_added_to_a_bill_that_was_taken_are_a_conflict(bench: Bench, *, late: bool, started_anew: bool) -> None:
    """Under the next number, or under one that was given before and is seen only now."""
    bench.sold(1, "old")
    bench.look()
    bench.sold(3, "B")
    bench.sold(4, "C")
    bench.look()
    if started_anew:
        bench.start()
    bench.sold(2 if late else 5, "B")
    bench.look()
    bench.look()
    (conflict,) = bench.erp.do(feeds.conflicts)
    assert (conflict.document_id, conflict.source) == ("B", "sql")
    assert bench.bills == ["B", "C"]
    assert bench.erp.on_hand == 8


def test_a_bill_that_only_leaves_the_window_is_not_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.sold(1, "old")
    bench.look()
    for number in range(2, 6):
        bench.sold(number, f"B{number // 2}")
    bench.look()
    read: list[str] = []
    rows_of = views.rows_of

    def noted(
        connection: sa.Connection, view: sa.TableClause, how: mapping.ViewMapping,
        condition: "sa.ColumnElement[bool] | None", contains: hand_over.Contained | None = None,
        limit: int | None = None,
    ) -> list[rows.Row]:  # fmt: skip
        read.append(view.name)
        return rows_of(connection, view, how, condition, contains, limit)

    monkeypatch.setattr(views, "rows_of", noted)
    bench.look()
    assert "v_sales" not in read
    bench.sold(14, "far")
    bench.look()
    bench.look()
    assert (read.count("v_sales"), bench.bills) == (1, ["B1", "B2", "far"])


def test_rows_that_cannot_be_read_are_named_once(bench: Bench) -> None:
    bench.look()
    bench.sold(1, "A", 0)
    bench.sold(2, "B", 1)
    for _ in range(3):
        bench.look()
    assert bench.bills == ["B"]
    (named,) = bench.erp.counter.work.read(files_taken.with_flaws)
    assert named.name == "v_sales"


def test_documents_are_rows_and_answered_there(bench: Bench) -> None:
    bench.erp.sell(order("o1"), pack(1))
    bench.erp.sell(order("o2"), pack(2))
    bench.look()
    assert bench.rows() == [(bench.erp.numbers[0], "sale:o1"), (bench.erp.numbers[1], "sale:o2")]
    assert {each.state for each in bench.erp.documents} == {DocumentState.DELIVERED}
    bench.book()
    bench.look()
    assert {(each.state, each.reference) for each in bench.erp.documents} == {(DocumentState.ACKNOWLEDGED, "XS")}


def test_a_count_contains_what_the_table_says_is_booked(bench: Bench) -> None:
    bench.stock(10, as_of=1)
    bench.look()
    bench.erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    bench.stock(10, as_of=2)  # not booked yet
    bench.look()
    assert bench.erp.on_hand == 8
    bench.book()
    bench.stock(8, as_of=3)
    bench.look()
    bench.look()
    assert bench.erp.on_hand == 8
    assert bench.erp.counter.told(ErpCounted)[-1].count.contains == bench.erp.numbers[0]


def test_a_refused_row_does_not_stop_what_counts_contain(bench: Bench) -> None:
    bench.erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    bench.look()
    bench.book("refused")
    bench.look()
    assert bench.erp.documents[0].state is DocumentState.REFUSED
    bench.stock(10, as_of=5)
    bench.look()
    assert bench.erp.on_hand == 8
    bench.erp.do(lambda tx: documents.again(tx, "sale:o1"))
    bench.look()
    assert len(bench.rows()) == 2
    bench.run("UPDATE yaolink_documents SET state = 'booked' WHERE state IS NULL")
    bench.look()
    bench.stock(8, as_of=6)
    bench.look()
    assert bench.erp.on_hand == 8


def test_a_count_contains_nothing_that_waits_below_what_was_answered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two are packed just before the stock is read, and a program answers the second at once."""
    bench.look()
    monkeypatch.setattr(hand_over.HandingOver, "hand_over", lambda self: 0)
    bench.erp.sell(order("o1", line()), pack(1))
    bench.erp.sell(order("o2", line()), pack(2))
    _, second = bench.erp.numbers
    bench.erp.do(lambda tx: documents.acknowledge(tx, second))
    bench.stock(9, as_of=7)
    bench.look()
    assert bench.erp.on_hand <= 8
    monkeypatch.undo()
    bench.look()
    bench.book()
    bench.stock(8, as_of=8)
    bench.look()
    assert bench.erp.on_hand == 8


def test_an_unchanged_count_costs_nothing(bench: Bench) -> None:
    bench.stock(9, as_of=1)
    bench.look()
    bench.stock(9, as_of=2)
    bench.look()
    row = bench.erp.counter.work.read(lambda reading: reading.db.execute("SELECT as_of FROM erp_levels").fetchone())
    assert row["as_of"] == 1


STEPS: list[tuple[object, str]] = [
    (documents, "delivered"),
    (hand_over.HandingOver, "_row"),
    (StoreBooks, "answer"),
    (StoreBooks, "take"),
    (StoreBooks, "keep_position"),
    (views, "rows_of"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: bool
) -> None:
    bench.look()
    bench.erp.sell(order("o1"), pack(1))
    bench.look()
    bench.book()
    bench.erp.sell(order("o2"), pack(2))
    for number in range(1, 4):
        bench.sold(number, f"P{number}")
    with monkeypatch.context() as killing:
        killing.setattr(where, name, dying(getattr(where, name), after=after))
        with pytest.raises(Killed):
            bench.look()
    bench.start()
    bench.look()
    bench.book()
    bench.look()
    assert bench.bills == ["P1", "P2", "P3"]
    assert bench.erp.on_hand == 5
    assert [doc for _, doc in bench.rows()] == ["sale:o1", "sale:o2"]
    assert {each.state for each in bench.erp.documents} == {DocumentState.ACKNOWLEDGED}


def test_a_database_that_is_gone_is_said_without_the_statement(erp: Erp, tmp_path: Path) -> None:
    named = mapping.parse(MAPPING % {"by": "id", "window": 10})
    gone = Sql(
        named, Database(f"sqlite:///{tmp_path / 'no' / 'such.db'}", lambda: "secret"), StoreBooks(erp.counter.work)
    )
    with pytest.raises(DatabaseGone) as told:
        gone.step()
    assert "SELECT" not in str(told.value)
    assert "secret" not in str(told.value)
    erp.sell(order("o1"), pack(1))
    with pytest.raises(DatabaseGone):
        gone.step()

"""How the ERP stands, as headquarters' pages ask for it."""

from collections.abc import Callable

from sqlalchemy import event

from cloud.database import Database
from cloud.erp import files, overview
from erp.books import FileState
from erp.rows import Flaw
from tests.cloud.hub import CHAIN, Hub

Asked = list[tuple[str, tuple[object, ...]]]


def test_a_file_wants_a_look_until_somebody_looked(hub: Hub) -> None:
    def wanting() -> tuple[int, list[str]]:
        with hub.database.read() as connection:
            shown = overview.overview(connection, CHAIN, hub.now, 1000).files
            return overview.count(connection, CHAIN, hub.now, 1000), [each.name for each in shown]

    with hub.transaction() as tx:
        files.put(tx, "aa", "well.csv", FileState.DONE, 3, ())
        files.put(tx, "bb", "not well.csv", FileState.PARTLY, 3, (Flaw(2, "数量为 0"),))
    assert wanting() == (1, ["not well.csv"])
    with hub.transaction() as tx:
        files.seen(tx, "bb")
    assert wanting() == (0, [])


def test_what_each_page_counts_reads_only_what_wants_a_look(new_database: Callable[[str], Database]) -> None:
    """And none of the files, documents and feeds of a year that are well."""
    asked: Asked = []

    def heard(_: object, __: object, text: str, values: tuple[object, ...], *___: object) -> None:
        asked.append((text, values))

    with new_database("sqlite").read() as connection:
        event.listen(connection, "before_cursor_execute", heard)
        overview.count(connection, CHAIN, 2000, 1000)
        event.remove(connection, "before_cursor_execute", heard)
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()) for text, values in asked]
    indexes = ("erp_documents_refused", "erp_documents_owed", "erp_files_unseen", "erp_aside_open")
    assert [index for index, plan in zip(indexes, plans, strict=True) if index not in plan] == []

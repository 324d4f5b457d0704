"""What headquarters keeps of its ERP, and for how long: nothing that is over stays for ever."""

from functools import partial

from cloud import tables
from cloud.erp import aside, files, removing, taking
from cloud.erp.feeds import Taken
from domain.erp import ErpCount, ErpLevel, ErpSale, ErpSaleLine
from domain.quantity import units
from domain.times import DAY
from erp.books import FileState
from erp.rows import Flaw
from tests.cloud.hub import CHAIN, STORE, Hub

NOBODYS = "s9"


def remove(hub: Hub) -> int:
    with hub.transaction() as tx:
        return sum(removing.remove_some(tx, each) for each in removing.REMOVALS)


def count(hub: Hub, name: str, as_of: int, on_hand: int) -> Taken:
    with hub.transaction() as tx:
        return taking.take(tx, STORE, ErpCount(name, as_of, (ErpLevel("sku1", units(on_hand)),), 0), by="erp")


def sale(hub: Hub, name: str, store: str = STORE) -> Taken:
    with hub.transaction() as tx:
        return taking.take(tx, store, ErpSale(name, 9, (ErpSaleLine("sku1", units(1)),)), by="erp")


def test_a_counts_id_goes_after_a_week_and_its_repetition_changes_nothing(hub: Hub) -> None:
    count(hub, "C-5", 5, 10)
    sale(hub, "POS-1")
    count(hub, "C-12", 12, 8)
    hub.now += 8 * DAY
    assert remove(hub) == 2
    assert [row.document_id for row in hub.rows(tables.erp_feeds)] == ["POS-1"]
    assert [count(hub, "C-5", 5, 10), count(hub, "C-12", 12, 8)] == ["new", "new"]
    assert hub.level("sku1").on_hand == units(8)


def test_files_go_once_nobody_has_to_look_at_them(hub: Hub) -> None:
    flaw = (Flaw(2, "没有商品编码"),)
    with hub.transaction() as tx:
        files.put(tx, "01", "done.csv", FileState.DONE, 1, ())
        files.put(tx, "02", "seen.csv", FileState.REFUSED, 0, flaw)
        files.put(tx, "03", "unseen.csv", FileState.PARTLY, 1, flaw)
        files.seen(tx, "02")
    hub.now += 179 * DAY
    assert remove(hub) == 0
    hub.now += 2 * DAY
    assert remove(hub) == 2
    assert [row.name for row in hub.rows(tables.erp_files)] == ["unseen.csv"]


def test_feeds_of_a_store_that_never_came_say_when_they_go_and_go(hub: Hub) -> None:
    assert sale(hub, "POS-1", NOBODYS) is Taken.HELD
    ends = hub.row(tables.erp_aside).at + 90 * DAY
    sale(hub, "POS-1")
    with hub.transaction() as tx:
        taking.take(tx, STORE, ErpSale("POS-1", 9, (ErpSaleLine("sku1", units(5)),)), by="erp")  # its id is reused
    with hub.database.read() as connection:
        shown = {entry.store: entry.goes_at for entry in aside.listed(connection, CHAIN)}
    assert shown == {NOBODYS: ends, STORE: None}
    hub.now = ends - 1
    assert remove(hub) == 0
    assert remove(hub) == 1
    assert [row.store for row in hub.rows(tables.erp_aside)] == [STORE]


def test_what_waits_for_a_store_that_is_not_here_asks_nobody_to_write(hub: Hub) -> None:
    waits = partial(aside.waits, chain=CHAIN)
    sale(hub, "POS-1", NOBODYS)
    with hub.database.read() as connection:
        assert not waits(connection)

"""Codes that any store sold are told to all, gathered into few events; nothing is lost between sale and telling."""

from pathlib import Path

import pytest

from cloud import eventlog, tables
from cloud.channels.base import Cancelled
from cloud.codes import gathering, loading
from cloud.codes.loading import BadCodes, WantedCodes
from domain.code_lists import CodeList, ListedCode
from domain.erp import ErpSale, ErpSaleLine
from domain.events import CODES, CodesListed, CodesUnlisted, Event, decode_body
from domain.operations import ErpSold, OrderHandedOver, PickCompleted, SaleLine, SaleRecorded
from domain.picks import Binding
from domain.protocol import Cursor
from domain.quantity import units
from tests.cloud.hub import CHAIN, OTHER_SHOP, OTHER_STORE, STORE, Hub
from tests.cloud.snapshots.reading import taken

A, B, C = (f"8123456000000000000{n}" for n in range(1, 4))


def gather(hub: Hub) -> None:
    with hub.transaction() as tx:
        gathering.gather(tx)


def told(hub: Hub, since: int = 0) -> list[Event]:
    with hub.database.read() as connection:
        (head,) = eventlog.heads(connection, CHAIN, [CODES])
        return list(eventlog.page(connection, CHAIN, hub.vault, Cursor(CODES, head.log_id, since), 10_000).events)


def folded(hub: Hub) -> dict[CodeList, dict[str, str]]:
    """What an agent makes of all events: list, code, store."""
    lists: dict[CodeList, dict[str, str]] = {of: {} for of in CodeList}
    for event in told(hub):
        match decode_body(event):
            case CodesListed(list=of, codes=codes):
                lists[of] |= {each.code: each.store for each in codes}
            case CodesUnlisted(list=of, codes=gone):
                for code in gone:
                    del lists[of][code]
    return lists


def bag(*codes: str, opened: bool = False) -> tuple[Binding, ...]:
    return tuple(Binding(1, code, units(1), opened=opened) for code in codes)


def picked(hub: Hub, number: int, *codes: str, store: str = STORE, shop: str = "shop-1") -> str:
    order_id = hub.place(number, ("sku1", 1), shop=shop)
    hub.do(PickCompleted(order_id, bag(*codes)), store=store)
    return order_id


def test_a_morning_is_one_event(hub: Hub) -> None:
    picked(hub, 1, B, A)
    picked(hub, 2, C, store=OTHER_STORE, shop=OTHER_SHOP)
    assert told(hub) == []
    gather(hub)
    (event,) = told(hub)
    body = decode_body(event)
    assert isinstance(body, CodesListed)
    assert [(each.code, each.store) for each in body.codes] == [(A, STORE), (B, STORE), (C, OTHER_STORE)]
    assert body.names == {STORE: f"{STORE} 店", OTHER_STORE: f"{OTHER_STORE} 店"}
    assert all(each.at == row.at for each, row in zip(body.codes, hub.rows(tables.listed_codes), strict=True))
    gather(hub)
    assert len(told(hub)) == 1, "nothing is told twice"
    assert not hub.rows(tables.code_news)


def test_the_counters_sales_are_among_them(hub: Hub) -> None:
    hub.do(SaleRecorded("till-1", (SaleLine("sku1", units(1), (A,)),)))
    hub.do(ErpSold(ErpSale("E1", 1, (ErpSaleLine("sku1", units(1), codes=(B,)),))), store=OTHER_STORE)
    hub.do(ErpSold(ErpSale("E2", 2, (ErpSaleLine("sku1", units(1), codes=(C,)),), returned=True)))
    hub.do(SaleRecorded("till-1", (SaleLine("sku1", units(1), (A,)),)))
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {A: STORE, B: OTHER_STORE}


def test_what_was_cancelled_before_it_left_is_free_again(hub: Hub) -> None:
    picked(hub, 1, A)
    gather(hub)
    hub.say(1, Cancelled("1", "customer", ""), "cancel:1")
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {}
    assert not hub.rows(tables.listed_codes)
    picked(hub, 2, A, store=OTHER_STORE, shop=OTHER_SHOP)
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {A: OTHER_STORE}


def test_freed_and_sold_over_the_counter_before_anybody_was_told(hub: Hub) -> None:
    """What counts is how things are, in whichever order the notes are met."""
    picked(hub, 1, A, B)
    gather(hub)
    hub.say(1, Cancelled("1", "customer", ""), "cancel:1")
    hub.do(SaleRecorded("till-1", (SaleLine("sku1", units(1), (A,)),)), store=OTHER_STORE)
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {A: OTHER_STORE}


def test_what_left_before_its_store_heard_is_sold_after_all(hub: Hub) -> None:
    order_id = picked(hub, 1, A)
    hub.say(1, Cancelled("1", "customer", ""), "cancel:1")
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {}
    hub.do(OrderHandedOver(order_id))
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {A: STORE}


def test_the_first_of_two_sales_is_told_and_stays(hub: Hub) -> None:
    picked(hub, 1, A)
    gather(hub)
    picked(hub, 2, A, store=OTHER_STORE, shop=OTHER_SHOP)
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {A: STORE}
    assert len(told(hub)) == 1


def test_parts_of_an_opened_pack_are_their_stores_own_affair(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 1))
    hub.do(PickCompleted(order_id, bag(A, opened=True)))
    gather(hub)
    assert told(hub) == []


def test_a_crash_loses_nothing(hub: Hub) -> None:
    picked(hub, 1, A)
    with pytest.raises(ZeroDivisionError), hub.transaction() as tx:
        gathering.gather(tx)
        raise ZeroDivisionError
    assert told(hub) == []
    gather(hub)
    assert folded(hub)[CodeList.SOLD] == {A: STORE}


def test_a_long_list_is_cut_into_events(hub: Hub) -> None:
    codes = [f"8123456{n:013d}" for n in range(1_201)]
    with hub.transaction() as tx:
        assert loading.load(tx, CodeList.RECALLED, WantedCodes(tuple(codes), "公告 7"), by="op").codes == 1_201
    bodies = [decode_body(event) for event in told(hub)]
    assert [len(body.codes) for body in bodies if isinstance(body, CodesListed)] == [500, 500, 201]
    assert set(folded(hub)[CodeList.RECALLED]) == set(codes)
    assert all(event.must_understand for event in told(hub))


def test_a_list_is_loaded_once_and_taken_off(hub: Hub) -> None:
    wanted = WantedCodes((A, f" {B}", A), "公告 7")
    with hub.transaction() as tx:
        assert loading.load(tx, CodeList.BANNED, wanted, by="op").codes == 2
    with hub.transaction() as tx:
        assert loading.load(tx, CodeList.BANNED, wanted, by="op").codes == 0
    with hub.transaction() as tx:
        assert loading.unload(tx, CodeList.BANNED, WantedCodes((B, C)), by="op").codes == 1
    assert set(folded(hub)[CodeList.BANNED]) == {A}
    said = [(row.action, row.detail) for row in hub.rows(tables.audit) if row.action.startswith("codes.")]
    assert said == [("codes.listed", "2 codes 公告 7"), ("codes.unlisted", "1 codes")]
    with pytest.raises(BadCodes, match="kept by the hub"), hub.transaction() as tx:
        loading.load(tx, CodeList.SOLD, wanted, by="op")


def test_its_snapshot_says_all_of_it(hub: Hub, tmp_path: Path) -> None:
    picked(hub, 1, A)
    gather(hub)
    with hub.transaction() as tx:
        loading.load(tx, CodeList.RECALLED, WantedCodes((B,)), by="op")
    at = hub.row(tables.listed_codes, code=A).at
    bodies = [body for body in taken(hub, CODES, tmp_path).bodies(CodesListed) if isinstance(body, CodesListed)]
    assert bodies[0].names == {STORE: f"{STORE} 店", OTHER_STORE: f"{OTHER_STORE} 店"}
    assert [(body.list, body.codes) for body in bodies[1:]] == [
        (CodeList.SOLD, (ListedCode(A, STORE, at),)),
        (CodeList.RECALLED, (ListedCode(B),)),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"{A}\n\n {B} \n", [A, B]),
        (f"\ufeff追溯码,品名\n{A},阿莫西林\n", [A]),
        (f"name,Code\nx,{A}\ny,{B}\n", [A, B]),
    ],
)
def test_files_of_codes(text: str, codes: list[str], tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text(text, encoding="utf-8")
    assert loading.read_file(tmp_path / "codes.csv") == codes


@pytest.mark.parametrize("text", ["code\nx,\n", "8.12346E+19\n", "召回\n", "9" * 600])
def test_what_is_no_code_is_named_with_its_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadCodes, match="line"):
        loading.read_file(tmp_path / "codes.csv")

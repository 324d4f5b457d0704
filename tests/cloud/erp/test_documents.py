"""Headquarters' own documents: each fact is one, written with it, numbered upwards, owed until answered."""

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from cloud import chain, policy, tables
from cloud.database import Database
from cloud.erp import documents, removing, taking
from cloud.snapshots import of_erp
from cloud.snapshots.rows import View
from cloud.statements import Sql
from cloud.transaction import Transaction
from domain.erp import DocumentKind, DocumentState, ErpCount, ErpDocument, ErpDocumentLine, ErpLevel, Way
from domain.events import ErpDocumentKept
from domain.modes import Mode
from domain.operations import (
    ErpAnswered,
    ErpDocumented,
    GoodsExchanged,
    GoodsReturned,
    LotMoved,
    MoveKind,
    PickCompleted,
    SaleLine,
    SaleRecorded,
    StockCounted,
)
from domain.picks import Binding
from domain.policy import ChainPolicy, Duty, ErpDelivery, Owner
from domain.quantity import units
from domain.times import DAY
from tests.cloud.hub import CHAIN, OTHER_SHOP, OTHER_STORE, STORE, Hub

EXPIRY = date(2028, 6, 30)


@pytest.fixture
def hub(hub: Hub) -> Hub:
    rule(hub)
    return hub


def rule(hub: Hub, delivery: ErpDelivery = ErpDelivery.HEADQUARTERS, owners: dict[Duty, Owner] | None = None) -> None:
    with hub.transaction() as tx:
        rule_in(tx, delivery, owners)


def rule_in(tx: Transaction, delivery: ErpDelivery, owners: dict[Duty, Owner] | None = None) -> None:
    policy.put(tx, ChainPolicy(erp=delivery, owners=owners or {}), by="test")


def owed(hub: Hub) -> tuple[ErpDocument, ...]:
    with hub.database.read() as connection:
        return documents.owed(connection, CHAIN, after=0, limit=1000)


def pack(code: str, line_id: int = 1, lot: str = "B1") -> Binding:
    return Binding(line_id, code, units(1), lot, expiry=EXPIRY)


def packed(hub: Hub, number: int, *codes: str, shop: str = "shop-1", store: str = STORE) -> str:
    order_id = hub.place(number, ("sku1", len(codes)), shop=shop)
    hub.do(PickCompleted(order_id, tuple(map(pack, codes))), store=store)
    return order_id


def count(hub: Hub, on_hand: int, as_of: int, contains: int | None, store: str = STORE) -> None:
    level = ErpLevel("sku1", units(on_hand))
    with hub.transaction() as tx:
        taking.take(tx, store, ErpCount(f"C-{as_of}", as_of, (level,), contains), by="erp-hq")


def on_hand(hub: Hub) -> int:
    return hub.level("sku1").on_hand // units(1)


def test_a_packed_order_is_a_document_with_lots_and_codes(hub: Hub) -> None:
    order_id = packed(hub, 1, "A1", "A2")
    (document,) = owed(hub)
    assert (document.kind, document.document_id, document.store) == (DocumentKind.SALE, f"sale:{order_id}", STORE)
    assert (document.channel, document.channel_order_id) == ("meituan", "1")
    line = ErpDocumentLine("sku1", Way.OUT, units(2), 1_250, "B1", EXPIRY, codes=("A1", "A2"))
    assert document.lines == (line,)


def test_each_kind_of_fact_is_one_document_however_often_it_is_told(hub: Hub) -> None:
    order_id = packed(hub, 1, "A1")
    facts = (
        GoodsReturned(order_id, "r1", (pack("A1"),)),
        SaleRecorded("c1", (SaleLine("sku2", units(1), ("X1",)),)),
        LotMoved("m1", MoveKind.DAMAGE, "sku3", "B3", EXPIRY, -units(2), "破损", 0),
    )
    for fact in facts:
        hub.do(fact)
        hub.do(fact)
    hub.do(StockCounted("sku2", units(4), "盘点", 100), key="count-1")
    hub.do(PickCompleted(order_id, (pack("A1"),)))
    told = [(each.kind.value, each.document_id) for each in owed(hub)]
    assert told == [
        ("sale", f"sale:{order_id}"),
        ("return", "return:r1"),
        ("sale", "counter:c1"),
        ("adjustment", "move:m1"),
        ("adjustment", "count:count-1"),
    ]
    numbers = [each.number for each in owed(hub)]
    assert numbers == sorted(set(numbers))
    hub.balanced()


def test_an_exchange_is_one_document_with_both_ways(hub: Hub) -> None:
    order_id = packed(hub, 1, "A1")
    hub.do(GoodsExchanged(order_id, "x1", (pack("A1"),), (pack("A9", lot="B9"),), "P1"))
    hub.do(GoodsExchanged(order_id, "x1", (pack("A1"),), (pack("A9", lot="B9"),), "P1"))
    _, document = owed(hub)
    assert (document.kind, document.document_id) == (DocumentKind.EXCHANGE, "exchange:x1")
    assert [(line.way, line.lot, line.codes) for line in document.lines] == [
        (Way.APART, "B1", ("A1",)),
        (Way.OUT, "B9", ("A9",)),
    ]
    assert document.effects == {"sku1": -units(1)}
    assert on_hand(hub) == 8
    assert len(hub.rows(tables.returned)) == 1
    assert {row.code for row in hub.rows(tables.bindings)} == {"A1", "A9"}
    hub.balanced()


def test_what_only_the_store_knows_gets_its_number_here(hub: Hub) -> None:
    order_id = packed(hub, 1, "A1")
    back = ErpDocumentLine("sku1", Way.IN, units(1))
    told = ErpDocument(0, f"put_back:{order_id}:1", DocumentKind.PUT_BACK, 5, (back,), order_id)
    hub.do(ErpDocumented(told))
    hub.do(ErpDocumented(told))
    first, second = owed(hub)
    assert second.document_id == told.document_id
    assert second.number > first.number
    assert second.store == STORE


def test_what_a_store_told_before_it_heard_of_another_policy_is_handed_over(hub: Hub) -> None:
    order_id = packed(hub, 1, "A1")
    rule(hub, ErpDelivery.STORE)
    back = ErpDocumentLine("sku1", Way.IN, units(1))
    hub.do(ErpDocumented(ErpDocument(0, f"put_back:{order_id}:1", DocumentKind.PUT_BACK, 5, (back,), order_id)))
    assert [each.document_id for each in owed(hub)] == [f"sale:{order_id}", f"put_back:{order_id}:1"]


def tell(hub: Hub, number: int, name: str) -> None:
    line = ErpDocumentLine("sku1", Way.OUT, units(1))
    hub.do(ErpDocumented(ErpDocument(number, name, DocumentKind.SALE, 5, (line,))))


def standing(hub: Hub) -> dict[str, tuple[int, bool]]:
    """Each document's number, and whether it is headquarters' to hand over."""
    return {row.document_id: (row.number, bool(row.ours)) for row in hub.rows(tables.erp_documents)}


def test_what_a_cut_off_store_packs_before_it_hears_that_it_hands_over_is_handed_over(hub: Hub) -> None:
    rule(hub, ErpDelivery.STORE)
    unheard = packed(hub, 1, "A1")
    heard = packed(hub, 2, "A2")
    tell(hub, 7, f"sale:{heard}")
    alone = packed(hub, 3, "A3")
    other = packed(hub, 4, "B1", shop=OTHER_SHOP, store=OTHER_STORE)
    said = standing(hub)
    assert said.pop(f"sale:{heard}") == (7, False)
    assert {name: ours for name, (_, ours) in said.items()} == {f"sale:{unheard}": True, f"sale:{other}": True}
    assert f"sale:{alone}" not in said, "the store writes its own from the first it told"
    assert {row.number for row in hub.rows(tables.erp_effects) if row.document_id == f"sale:{heard}"} == {7}


def test_what_the_erp_has_from_headquarters_stays_headquarters(hub: Hub) -> None:
    order_id = packed(hub, 1, "A1")
    (document,) = owed(hub)
    with hub.transaction() as tx:
        documents.delivered(tx, [document.number])
        rule_in(tx, ErpDelivery.STORE)
    tell(hub, document.number + 5, f"sale:{order_id}")
    assert standing(hub) == {f"sale:{order_id}": (document.number, True)}
    assert hub.row(tables.erp_documents).state == DocumentState.DELIVERED


def test_an_old_document_handed_over_again_is_no_word_of_the_policy(hub: Hub) -> None:
    rule(hub, ErpDelivery.STORE)
    tell(hub, 3, "counter:old")
    rule(hub, ErpDelivery.HEADQUARTERS)
    rule(hub, ErpDelivery.STORE)
    tell(hub, 9, "counter:old")
    order_id = packed(hub, 1, "A1")
    assert standing(hub)[f"sale:{order_id}"][1]


@pytest.mark.parametrize("delivery", [ErpDelivery.NONE, ErpDelivery.STORE])
def test_where_headquarters_hands_nothing_over_it_writes_nothing(hub: Hub, delivery: ErpDelivery) -> None:
    rule(hub, ErpDelivery.NONE)
    rule(hub, delivery)
    packed(hub, 1, "A1")
    assert owed(hub) == ()


def test_a_store_on_trial_writes_no_documents(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.set_mode(tx, STORE, Mode.SHADOW)
    packed(hub, 1, "A1")
    packed(hub, 2, "B1", shop=OTHER_SHOP, store=OTHER_STORE)
    assert [each.store for each in owed(hub)] == [OTHER_STORE]


def test_numbers_grow_over_all_stores_and_above_what_a_store_wrote(hub: Hub) -> None:
    line = ErpDocumentLine("sku1", Way.OUT, units(1))
    ahead = hub.now // 1000 + 5_000
    hub.do(ErpDocumented(ErpDocument(ahead, "sale:old", DocumentKind.SALE, 1, (line,))))
    packed(hub, 1, "A1")
    packed(hub, 2, "A2", shop=OTHER_SHOP, store=OTHER_STORE)
    first, second = (each.number for each in owed(hub))
    assert ahead < first < second


def test_nothing_is_handed_over_behind_one_that_waits(hub: Hub) -> None:
    for number, code in ((1, "A1"), (2, "A2"), (3, "A3")):
        packed(hub, number, code)
    first, second, third = (each.number for each in owed(hub))
    with hub.transaction() as tx:
        assert documents.last_handed_over(tx.connection, CHAIN) == 0
        documents.acknowledge(tx, first, "", by="erp")
        documents.acknowledge(tx, third, "", by="erp")
        assert documents.last_handed_over(tx.connection, CHAIN) == first
        documents.delivered(tx, [second])
        assert documents.last_handed_over(tx.connection, CHAIN) == third


def test_acknowledged_once_and_never_refused_after(hub: Hub) -> None:
    packed(hub, 1, "A1")
    (document,) = owed(hub)
    with hub.transaction() as tx:
        documents.delivered(tx, [document.number])
        for _ in range(2):
            assert documents.acknowledge(tx, document.number, "XS-1", by="erp") == ""
        assert documents.refuse(tx, document.number, "no", by="erp")
        assert documents.acknowledge(tx, 7, "", by="erp")
    row = hub.row(tables.erp_documents)
    assert (row.state, row.reference) == ("acknowledged", "XS-1")
    assert [entry.action for entry in hub.rows(tables.audit)].count("erp.answered") == 1
    assert owed(hub) == ()


def test_a_refused_one_is_handed_over_anew_or_settled_by_a_person(hub: Hub) -> None:
    packed(hub, 1, "A1")
    (document,) = owed(hub)
    with hub.transaction() as tx:
        assert documents.again(tx, document.number, by="operator") is None  # nothing was refused
        documents.refuse(tx, document.number, "商品未建档", by="erp")
    count(hub, 9, as_of=5, contains=document.number)
    assert on_hand(hub) == 8  # refused: in no count, whatever its number
    with hub.transaction() as tx:
        new = documents.again(tx, document.number, by="operator")
    assert new is not None and new > document.number
    (again,) = owed(hub)
    assert (again.number, again.document_id) == (new, document.document_id)
    with hub.transaction() as tx:
        documents.refuse(tx, new, "还是没有", by="erp")
        assert documents.settle(tx, new, "手工录入 XS-9", by="operator")
    assert DocumentState(hub.row(tables.erp_documents).state) is DocumentState.SETTLED
    count(hub, 9, as_of=6, contains=new)
    assert on_hand(hub) == 9


def test_a_count_and_the_pick_it_does_not_contain_meet_in_any_order(hub: Hub) -> None:
    packed(hub, 1, "A1", "A2")
    (document,) = owed(hub)
    count(hub, 10, as_of=5, contains=document.number - 1)
    assert on_hand(hub) == 8
    count(hub, 8, as_of=6, contains=document.number)
    assert on_hand(hub) == 8
    hub.balanced()


def test_documents_are_read_as_they_were_written(hub: Hub) -> None:
    packed(hub, 1, "A1")
    (document,) = owed(hub)
    assert msgspec.json.decode(hub.row(tables.erp_documents).body, type=ErpDocument) == document


def test_a_stores_snapshot_has_what_its_erp_has_not_booked(hub: Hub) -> None:
    rule(hub, ErpDelivery.STORE)
    line = ErpDocumentLine("sku1", Way.OUT, units(1))
    for number, name in ((5, "sale:owed"), (6, "sale:booked"), (7, "sale:refused")):
        hub.do(ErpDocumented(ErpDocument(number, name, DocumentKind.SALE, 1, (line,))))
    hub.do(ErpAnswered("sale:booked", 6, DocumentState.ACKNOWLEDGED, "", "XS"))
    hub.do(ErpAnswered("sale:refused", 7, DocumentState.REFUSED, "未建档", ""))
    hub.now += 4 * DAY
    with hub.transaction() as tx:
        view = View(tx.connection, CHAIN, hub.now)
        kept = [row.body for row in of_erp.fold(view, STORE) if isinstance(row.body, ErpDocumentKept)]
    assert [(each.document.document_id, each.state, each.reason) for each in kept] == [
        ("sale:owed", DocumentState.WAITING, ""),
        ("sale:refused", DocumentState.REFUSED, "未建档"),
    ]


def test_booked_long_ago_they_go_once_a_count_contained_them(hub: Hub) -> None:
    packed(hub, 1, "A1")
    packed(hub, 2, "A2")
    first, second = (each.number for each in owed(hub))
    with hub.transaction() as tx:
        for number in (first, second):
            documents.acknowledge(tx, number, "", by="erp")
    count(hub, 9, as_of=5, contains=first)
    hub.now += 401 * DAY
    with hub.transaction() as tx:
        for removal in removing.REMOVALS:
            removing.remove_some(tx, removal)
    assert [row.number for row in hub.rows(tables.erp_documents)] == [second]
    count(hub, 9, as_of=6, contains=first)
    assert on_hand(hub) == 8


@pytest.mark.parametrize("query", [documents._OWED, documents._WAITING, documents._NUMBERS])
def test_what_connectors_ask_every_few_seconds_reads_only_what_is_owed(
    new_database: Callable[[str], Database], query: Sql
) -> None:
    """And none of the four hundred days that the ERP has answered."""
    text = query._text(sqlite=True)
    with new_database("sqlite").read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("c",) * text.count("?")).all()
    assert "erp_documents_ours_owed" in str(plan)

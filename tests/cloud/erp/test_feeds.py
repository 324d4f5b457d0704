"""What a store's ERP says, taken into the hub's stock: once each, and no sold stock comes back to life."""

from datetime import date

import pytest

from cloud import operations, policy, tables
from cloud.erp import documents, feeds
from cloud.transaction import Transaction
from domain.erp import (
    DocumentKind,
    DocumentState,
    ErpCount,
    ErpDocument,
    ErpDocumentLine,
    ErpLevel,
    ErpReceipt,
    ErpReceiptLine,
    ErpSale,
    ErpSaleLine,
    Way,
)
from domain.exceptions import ExceptionKind
from domain.lots import Lot
from domain.operations import (
    ErpAnswered,
    ErpCounted,
    ErpDocumented,
    ErpReceived,
    ErpSold,
    OperationBody,
    PickCompleted,
    PickStarted,
)
from domain.picks import Binding
from domain.policy import ChainPolicy, Duty, Owner
from domain.protocol import OutcomeState
from domain.quantity import units
from tests.cloud.hub import STORE, Hub

EXPIRY = date(2028, 6, 30)


def sale(document_id: str = "POS-1", sequence: int = 10, quantity: int = 2, *, returned: bool = False) -> ErpSold:
    return ErpSold(ErpSale(document_id, sequence, (ErpSaleLine("sku1", units(quantity)),), returned))


def count(on_hand: int, as_of: int, contains: int | None = 0, *, written: int = 0, name: str = "") -> ErpCounted:
    level = ErpLevel("sku1", units(on_hand))
    return ErpCounted(ErpCount(name or f"C-{as_of}-{contains}", as_of, (level,), contains), 0, written)


def document(number: int, quantity: int, way: Way = Way.OUT, name: str = "") -> ErpDocumented:
    line = ErpDocumentLine("sku1", way, units(quantity))
    return ErpDocumented(ErpDocument(number, name or f"sale:{number}", DocumentKind.SALE, 1, (line,)))


def on_hand(hub: Hub) -> int:
    return hub.level("sku1").on_hand // units(1)


def test_a_counter_sale_counts_once_by_the_erps_own_id(hub: Hub) -> None:
    hub.do(sale())
    hub.do(sale(), key="another")
    assert on_hand(hub) == 8
    hub.balanced()


def test_an_id_that_comes_again_with_another_body_changes_nothing_and_is_audited(hub: Hub) -> None:
    hub.do(sale())
    assert hub.do(sale(quantity=5)).state is OutcomeState.DONE
    assert on_hand(hub) == 8
    assert [row.subject for row in hub.rows(tables.audit) if row.action == "erp.id_reused"] == ["POS-1"]


def test_what_came_back_to_the_counter_is_not_sold_again_before_a_count_says_so(hub: Hub) -> None:
    hub.do(sale(returned=True))
    assert on_hand(hub) == 10
    hub.do(count(12, as_of=11))
    assert on_hand(hub) == 12


def test_a_count_does_not_contain_what_is_not_booked_yet(hub: Hub) -> None:
    hub.do(document(1, 3))
    hub.do(document(2, 1))
    hub.do(count(20, as_of=1, contains=1))
    assert on_hand(hub) == 19


def test_a_count_knows_of_no_sale_after_it(hub: Hub) -> None:
    hub.do(sale("POS-5", sequence=5))
    hub.do(count(10, as_of=5))
    assert on_hand(hub) == 8
    hub.do(sale("POS-4", sequence=4))  # late on its way, contained all the same
    assert on_hand(hub) == 8


def test_an_old_or_repeated_count_raises_nothing(hub: Hub) -> None:
    hub.do(count(9, as_of=8))
    hub.do(sale("POS-8", sequence=8))
    hub.do(count(9, as_of=8), key="another")
    hub.do(count(30, as_of=7))
    hub.do(count(30, as_of=8, name="same time, other id"))
    assert on_hand(hub) == 7


def test_a_count_that_cannot_say_what_it_contains_only_lowers(hub: Hub) -> None:
    hub.do(count(30, as_of=1, contains=None))
    assert on_hand(hub) == 10
    hub.do(count(4, as_of=2, contains=None))
    assert on_hand(hub) == 4


def test_a_count_that_came_before_a_document_written_before_it_only_lowers(hub: Hub) -> None:
    hub.do(count(30, as_of=1, written=3))
    assert on_hand(hub) == 10


def test_a_count_that_a_later_operation_overtook_only_lowers(hub: Hub) -> None:
    late = hub.operation(count(30, as_of=1), number=1)
    started = hub.operation(PickStarted(hub.place(1, ("sku1", 1))), number=2)
    for operation in (started, late):
        with hub.transaction() as tx:
            operations.apply(tx, hub.agent(), operation)
    assert on_hand(hub) == 10


def test_a_refused_document_stays_open_until_it_is_booked_under_a_new_number(hub: Hub) -> None:
    hub.do(document(1, 3, name="sale:A"))
    hub.do(ErpAnswered("sale:A", 1, DocumentState.REFUSED, "商品未建档"))
    hub.do(count(20, as_of=1, contains=1))
    assert on_hand(hub) == 17
    hub.do(document(2, 3, name="sale:A"))
    hub.do(ErpAnswered("sale:A", 1, DocumentState.REFUSED, "said again, of the old number"))
    hub.do(ErpAnswered("sale:A", 2, DocumentState.ACKNOWLEDGED, reference="XS-77"))
    hub.do(count(17, as_of=2, contains=2))
    assert on_hand(hub) == 17
    row = hub.row(tables.erp_documents, document_id="sale:A")
    assert (row.number, row.state, row.reference) == (2, "acknowledged", "XS-77")


def test_an_order_that_was_packed_and_ended_nets_to_nothing(hub: Hub) -> None:
    hub.do(document(1, 3))
    hub.do(document(2, 3, Way.IN))
    hub.do(count(20, as_of=1, contains=0))
    assert on_hand(hub) == 20
    hub.do(count(17, as_of=2, contains=1))
    assert on_hand(hub) == 20


def test_a_pick_its_document_and_a_count_agree(hub: Hub) -> None:
    order_id = hub.place(1, ("sku1", 2))
    hub.do(PickCompleted(order_id, (Binding(1, None, units(2)),)))
    hub.do(document(1, 2))
    assert on_hand(hub) == 8
    hub.do(count(10, as_of=1, contains=0))  # the ERP has not booked it
    assert on_hand(hub) == 8
    hub.do(count(8, as_of=2, contains=1))
    assert on_hand(hub) == 8
    hub.balanced()


def test_what_a_count_takes_from_promises_is_an_exception(hub: Hub) -> None:
    hub.place(1, ("sku1", 5))
    hub.do(count(3, as_of=1))
    assert [row.kind for row in hub.rows(tables.exceptions)] == [ExceptionKind.OVERSOLD]
    hub.balanced()


def test_lots_are_the_erps(hub: Hub) -> None:
    level = ErpLevel("sku1", units(4), (Lot("L1", EXPIRY, units(4)),))
    hub.do(ErpCounted(ErpCount("C", 1, (level,), 0)))
    assert hub.row(tables.lots, store=STORE, lot="L1").quantity == units(4)


def test_goods_that_came_in(hub: Hub) -> None:
    receipt = ErpReceipt("R-1", 1, (ErpReceiptLine("sku1", units(6), "L9", EXPIRY),), "国药")
    hub.do(ErpReceived(receipt))
    hub.do(ErpReceived(receipt), key="another")
    assert on_hand(hub) == 16
    assert hub.row(tables.lots, store=STORE, lot="L9").quantity == units(6)
    hub.do(count(16, as_of=2))
    assert on_hand(hub) == 16


def test_what_is_ours_the_erp_does_not_move(hub: Hub) -> None:
    with hub.transaction() as tx:
        owners = {Duty.LOT_STOCK: Owner.YAOLINK, Duty.RECEIVING: Owner.YAOLINK}
        policy.put(tx, ChainPolicy(owners=owners), by="operator")
    hub.do(count(30, as_of=1))
    hub.do(ErpReceived(ErpReceipt("R-1", 1, (ErpReceiptLine("sku1", units(6)),))))
    assert on_hand(hub) == 10
    hub.do(sale())
    assert on_hand(hub) == 8


@pytest.mark.parametrize(
    "body", [sale(quantity=200_000), document(1, 200_000), count(200_000, as_of=1)], ids=lambda body: body.kind
)
def test_absurd_quantities_are_set_aside(hub: Hub, body: OperationBody) -> None:
    before = on_hand(hub)
    assert hub.do(body).state is OutcomeState.DONE
    assert [row.reason for row in hub.rows(tables.set_aside)] == ["absurd"]
    assert on_hand(hub) == before


def test_headquarters_connector_takes_the_same_way(hub: Hub) -> None:
    def feed(tx: Transaction) -> None:
        number = documents.last_number(tx, STORE) + 1
        line = ErpDocumentLine("sku1", Way.OUT, units(1))
        documents.write(tx, STORE, ErpDocument(number, "sale:X", DocumentKind.SALE, 1, (line,)), by="erp")
        feeds.counted(tx, STORE, ErpCount("C", 1, (ErpLevel("sku1", units(10)),), 0), by="erp")

    with hub.transaction() as tx:
        feed(tx)
    assert on_hand(hub) == 9

"""What the store did becomes a document for the ERP, in the same transaction and once; it is owed until answered."""

import asyncio
from functools import partial

import pytest

from agent import outbox, stock
from agent.config import KeepSettings
from agent.erp import documents, standing, writing
from agent.errors import NotFound, NotNow
from agent.storage.retention import remove_old
from agent.transactions import Reading
from domain.erp import DocumentKind, DocumentState, ErpDocument, ErpDocumentLine, Way
from domain.events import ErpDocumentKept, OrderAdvanced, OrderCancelled, OrderPlaced, StoreConfigured
from domain.modes import Mode
from domain.operations import ErpAnswered, ErpDocumented, PickCompleted, SaleLine
from domain.orders import AcceptRule, OrderState
from domain.policy import ErpDelivery
from domain.quantity import units
from domain.times import DAY, MINUTE, SECOND
from tests.agent.core.hub import line, order
from tests.agent.erp.conftest import Erp
from tests.agent.picking.conftest import VirtualClock, pack
from tests.agent.plans import plans


def test_a_completed_pick_is_a_sale_with_its_codes(erp: Erp) -> None:
    erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    (found,) = erp.documents
    document = found.document
    assert (document.kind, document.document_id, found.state) == (
        DocumentKind.SALE, "sale:o1", DocumentState.WAITING,
    )  # fmt: skip
    (of_line,) = document.lines
    assert (of_line.sku, of_line.way, of_line.quantity, of_line.price) == ("AMX", Way.OUT, units(2), 1500)
    assert of_line.codes == (pack(1), pack(2))
    assert (document.channel, document.channel_order_id) == ("meituan", "3000000001")
    kinds = [each.kind for each in erp.counter.work.read(outbox.pending)]
    assert kinds.index("erp.documented") > kinds.index("pick.completed")
    assert erp.counter.told(ErpDocumented) == [ErpDocumented(document)]


@pytest.mark.parametrize("who", [ErpDelivery.NONE, ErpDelivery.HEADQUARTERS])
def test_whoever_does_not_hand_over_writes_nothing(erp: Erp, who: ErpDelivery) -> None:
    erp.counter.policy(erp=who)
    erp.sell(order("o1"), pack(1))
    assert erp.counter.told(PickCompleted)
    assert erp.documents == []


def test_a_store_on_trial_keys_nothing_twice(erp: Erp) -> None:
    erp.counter.hub.tell(StoreConfigured("一店", AcceptRule.HUB, 40 * MINUTE, Mode.SHADOW))
    erp.sell(order("o1"), pack(1))
    assert erp.documents == []


def test_what_the_platforms_own_app_finished_is_sold_too(erp: Erp) -> None:
    erp.counter.hub.tell(OrderPlaced(order("o1", line(count=3))))
    erp.counter.start("o1")
    erp.counter.scan(pack(1), order_id="o1")
    erp.counter.hub.tell(OrderAdvanced("o1", OrderState.HANDED_OVER))
    (found,) = erp.documents
    assert [(each.quantity, each.codes) for each in found.document.lines] == [(units(1), (pack(1),)), (units(2), ())]


def test_put_back_after_packing_is_a_document_and_before_it_is_none(erp: Erp) -> None:
    erp.sell(order("o1", line(count=2)), pack(1), pack(2))
    erp.counter.hub.tell(OrderCancelled("o1", "customer", False))
    erp.put_back()
    assert [each.document.kind for each in erp.documents] == [DocumentKind.SALE, DocumentKind.PUT_BACK]
    assert erp.documents[1].document.effects == {"AMX": units(2)}
    erp.counter.hub.tell(OrderPlaced(order("o2", line(count=2))))
    erp.counter.start("o2")
    erp.counter.scan(pack(3), order_id="o2")
    erp.counter.hub.tell(OrderCancelled("o2", "customer", False))
    erp.put_back("o2")
    assert len(erp.documents) == 2


def test_what_a_customer_brought_back_is_not_to_be_sold(erp: Erp) -> None:
    erp.sell(order("o1"), pack(1))
    erp.take_back(pack(1))
    back = erp.documents[1].document
    assert (back.kind, back.lines[0].way, back.effects) == (DocumentKind.RETURN, Way.APART, {"AMX": 0})


def test_a_count_here_and_a_sale_here_are_told_too(erp: Erp) -> None:
    erp.do(lambda tx: stock.count_stock(tx, "AMX", units(8), "盘点"))
    erp.do(lambda tx: stock.count_stock(tx, "AMX", units(8), "又盘一次"))
    erp.do(lambda tx: stock.record_sale(tx, [SaleLine("AMX", units(1), (pack(7),))]))
    assert [(each.document.kind, each.document.effects) for each in erp.documents] == [
        (DocumentKind.ADJUSTMENT, {"AMX": -units(2)}),
        (DocumentKind.SALE, {"AMX": -units(1)}),
    ]


def test_answers_are_kept_and_told_once(erp: Erp) -> None:
    erp.sell(order("o1"), pack(1))
    erp.sell(order("o2"), pack(2))
    one, other = erp.numbers
    assert other == one + 1
    for _ in range(2):
        erp.do(lambda tx: documents.acknowledge(tx, one, "XS-1"))
        erp.do(lambda tx: documents.refuse(tx, other, "商品未建档"))
    assert [(each.state, each.reference, each.reason) for each in erp.documents] == [
        (DocumentState.ACKNOWLEDGED, "XS-1", ""),
        (DocumentState.REFUSED, "", "商品未建档"),
    ]
    assert len(erp.counter.told(ErpAnswered)) == 2
    with pytest.raises(NotNow):
        erp.do(lambda tx: documents.refuse(tx, one, "说错了"))
    with pytest.raises(NotFound):
        erp.do(lambda tx: documents.acknowledge(tx, 77))


def test_refused_is_handed_over_again_under_a_new_number_or_settled_by_hand(erp: Erp) -> None:
    erp.sell(order("o1"), pack(1))
    (old,) = erp.numbers
    with pytest.raises(NotNow):
        erp.do(lambda tx: documents.again(tx, "sale:o1"))
    erp.do(lambda tx: documents.refuse(tx, old, "商品未建档"))
    erp.do(lambda tx: documents.again(tx, "sale:o1"))
    (new,) = erp.numbers
    assert new > old
    assert [each.document.number for each in erp.counter.work.read(documents.owed)] == [new]
    with pytest.raises(NotFound):
        erp.do(lambda tx: documents.acknowledge(tx, old))
    erp.do(lambda tx: documents.refuse(tx, new, "商品未建档"))
    with pytest.raises(NotNow):
        erp.do(lambda tx: documents.settle(tx, "sale:o1", " "))
    erp.do(lambda tx: documents.settle(tx, "sale:o1", "已手工录入"))
    assert erp.documents[0].state is DocumentState.SETTLED
    assert erp.counter.told(ErpAnswered)[-1].state is DocumentState.SETTLED


def test_an_older_copy_gives_no_number_twice_and_a_clock_gone_back_neither(erp: Erp) -> None:
    for number in range(1, 4):
        erp.sell(order(f"o{number}"), pack(number))
    lost = erp.numbers[1:]
    erp.do(lambda tx: tx.db.execute("DELETE FROM erp_documents WHERE number > ?", (erp_first(tx),)))
    erp.counter.clock.advance(3600 * SECOND)
    erp.sell(order("o4"), pack(4))
    assert erp.numbers[1] > max(lost)
    erp.counter.clock.advance(-86_400 * SECOND)
    erp.sell(order("o5"), pack(5))
    assert erp.numbers[2] == erp.numbers[1] + 1


def erp_first(reading: Reading) -> int:
    return int(reading.db.execute("SELECT min(number) FROM erp_documents").fetchone()[0])


def test_an_exchange_is_one_document(erp: Erp) -> None:
    erp.sell(order("o1", line()), pack(1))
    before = erp.on_hand
    for code in (pack(1), pack(7)):
        erp.exchange(code)
    sale, exchange = (each.document for each in erp.documents)
    assert (sale.kind, exchange.kind) == (DocumentKind.SALE, DocumentKind.EXCHANGE)
    assert [(each.way, each.codes) for each in exchange.lines] == [(Way.APART, (pack(1),)), (Way.OUT, (pack(7),))]
    assert erp.on_hand == before - 1


def test_where_headquarters_hands_over_it_is_told_only_what_it_cannot_know(erp: Erp) -> None:
    erp.counter.policy(erp=ErpDelivery.HEADQUARTERS)
    erp.sell(order("o1", line()), pack(1))
    assert erp.counter.told(ErpDocumented) == []
    erp.counter.hub.tell(OrderCancelled("o1", "customer", taken=False))
    erp.put_back()
    (told,) = erp.counter.told(ErpDocumented)
    assert (told.document.number, told.document.kind) == (0, DocumentKind.PUT_BACK)
    assert erp.documents == []


def kept(erp: Erp, number: int, name: str, state: DocumentState = DocumentState.DELIVERED) -> None:
    lines = (ErpDocumentLine("AMX", Way.OUT, units(1)),)
    document = ErpDocument(number, name, DocumentKind.SALE, 5, lines)
    erp.counter.hub.tell(ErpDocumentKept(document, state, "", "", 5))


def test_what_headquarters_kept_of_a_lost_file_is_handed_over_after_all(erp: Erp) -> None:
    kept(erp, 5, "sale:lost")
    kept(erp, 6, "sale:refused", DocumentState.REFUSED)
    kept(erp, 7, "sale:booked", DocumentState.ACKNOWLEDGED)
    assert [each.document_id for each in erp.counter.work.read(documents.waiting)] == ["sale:lost"]
    assert [each.document.document_id for each in erp.counter.work.read(documents.refused)] == ["sale:refused"]
    erp.count(10, as_of=9, contains=6)
    assert erp.on_hand == 8, "the booked one is behind the count, the refused one in none"
    erp.sell(order("o1", line()), pack(1))
    assert erp.numbers[-1] > 7


def test_what_is_known_here_is_newer_than_headquarters_word(erp: Erp) -> None:
    erp.sell(order("o1", line()), pack(1))
    (number,) = erp.numbers
    erp.do(lambda tx: documents.acknowledge(tx, number))
    kept(erp, number, erp.documents[0].document.document_id)
    assert [each.state for each in erp.documents] == [DocumentState.ACKNOWLEDGED]


def test_booked_long_ago_they_go_once_a_count_contained_them(erp: Erp, clock: VirtualClock) -> None:
    for number in (1, 2):
        erp.sell(order(f"o{number}", line()), pack(number))
    first, second = erp.numbers
    for number in (first, second):
        erp.do(partial(documents.acknowledge, number=number))
    erp.count(9, as_of=5, contains=first)
    clock.advance(200 * DAY)
    asyncio.run(remove_old(erp.counter.work, KeepSettings(), pause=0.0))
    assert erp.numbers == [second], "a count that does not contain it may still come"
    erp.count(9, as_of=6, contains=first)
    assert erp.on_hand == 8


def test_a_refused_count_up_raises_no_later_count(erp: Erp) -> None:
    """The ERP refused it because it had booked it itself: its own count has it."""
    erp.do(lambda tx: writing.counted(tx, "k1", "AMX", units(5), "盘盈"))
    (number,) = erp.numbers
    erp.do(lambda tx: documents.refuse(tx, number, "已手工盘盈"))
    erp.count(15, as_of=100, contains=number)
    assert erp.on_hand == 15


def test_what_was_answered_costs_nothing(erp: Erp) -> None:
    """The connectors ask every two seconds, and half a year of documents lies here."""

    def asked(reading: Reading) -> None:
        documents.waiting(reading), documents.owed(reading), documents.numbers(reading, DocumentState.DELIVERED)
        documents.last_handed_over(reading), standing.stuck(reading)

    found = erp.counter.work.read(lambda reading: plans(reading, asked))
    assert len(found) == 5
    assert [plan for plan in found if "erp_documents_owed" not in plan] == []

"""Lots that are counted, set apart, destroyed; and what picks do to them."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import NotNow, WorkRefused
from agent.lots import keeping, listing
from agent.lots.moving import Wanted
from agent.owners import NotOurs
from agent.picking import putting_back, returns, steps
from agent.picking.lots import ReadLot, confirm
from agent.picking.refusals import Forbidden
from agent.staff import stations
from domain.events import PRICES, OrderCancelled, OrderPlaced, PricePut, StockSet
from domain.lots import Lot
from domain.operations import LotMoved, MoveKind
from domain.picks import Binding
from domain.quantity import units
from domain.recalls import Recall, RecallKind
from domain.rules import Rule
from tests.agent.core.hub import NOON, line, order
from tests.agent.goods.conftest import LATER, Counter, Goods
from tests.agent.picking.conftest import pack

GONE = date(2026, 1, 31)


def wanted(kind: MoveKind, count: int, *, lot: str = "L1", apart: bool = False, expiry: date | None = None) -> Wanted:
    return Wanted(kind, "AMX", lot, units(count), "破损", apart, expiry)


def amounts(goods: Goods, lot: str = "L1") -> tuple[int, int, int]:
    """(may be sold, in quarantine, on hand), in units."""
    held = goods.lot(lot)
    assert held is not None
    return held.lot.quantity // 1000, held.apart // 1000, (goods.on_hand() or 0) // 1000


@pytest.mark.parametrize(
    ("move", "then"),
    [
        (wanted(MoveKind.COUNT, 7), (7, 0, 7)),
        (wanted(MoveKind.COUNT, 0), (0, 0, 0)),
        (wanted(MoveKind.DAMAGE, 2), (3, 0, 3)),
        (wanted(MoveKind.DESTROY, 5), (0, 0, 0)),
        (wanted(MoveKind.QUARANTINE, 2), (3, 2, 3)),
        (wanted(MoveKind.RETURN_TO_SUPPLIER, 1), (4, 0, 4)),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Wanted) else "",
)
def test_a_move_changes_its_lot_and_is_told(goods: Goods, move: Wanted, then: tuple[int, int, int]) -> None:
    goods.have("L1", 5)
    goods.move(move)
    assert amounts(goods) == then
    (told,) = goods.counter.told(LotMoved)
    assert (told.move, told.lot, told.expiry, told.reason) == (move.kind, "L1", LATER, "破损")
    assert told.delta == units(then[0] - 5)
    assert told.quarantined == units(then[1])


def test_out_of_quarantine_it_is_released_or_destroyed(goods: Goods) -> None:
    goods.have("L1", 5)
    goods.move(wanted(MoveKind.QUARANTINE, 3))
    goods.move(wanted(MoveKind.RELEASE, 1))
    goods.move(wanted(MoveKind.DESTROY, 2, apart=True))
    assert amounts(goods) == (3, 0, 3)
    with pytest.raises(Forbidden) as stopped:
        goods.move(wanted(MoveKind.RELEASE, 1))
    assert stopped.value.obstacles[0].rule is Rule.MOVE_TOO_MUCH


def test_expired_stock_is_destroyed_or_set_apart_and_never_released_or_used(goods: Goods) -> None:
    goods.have("L1", 5, GONE)
    for kind in (MoveKind.USE, MoveKind.RELEASE):
        with pytest.raises(WorkRefused):
            goods.move(wanted(kind, 1))
    goods.move(wanted(MoveKind.QUARANTINE, 2))
    with pytest.raises(Forbidden, match="已过期"):
        goods.move(wanted(MoveKind.RELEASE, 1))
    goods.move(wanted(MoveKind.DESTROY, 2, apart=True))
    goods.move(wanted(MoveKind.DESTROY, 3))
    assert amounts(goods) == (0, 0, 0)


def test_what_a_customer_brought_back_is_never_released(goods: Goods) -> None:
    """R13: only as much comes out of quarantine as colleagues put there."""
    goods.have("L1", 5)
    goods.move(wanted(MoveKind.QUARANTINE, 1))
    returned = Binding(1, None, units(2), lot="L1", expiry=LATER)
    goods.counter.work.write(lambda tx: keeping.set_apart(tx, "AMX", returned))
    with pytest.raises(NotNow, match="顾客退回"):
        goods.move(wanted(MoveKind.RELEASE, 2))
    goods.move(wanted(MoveKind.RELEASE, 1))
    with pytest.raises(NotNow, match="顾客退回"):
        goods.move(wanted(MoveKind.RELEASE, 1))
    goods.move(wanted(MoveKind.DESTROY, 2, apart=True))
    assert amounts(goods) == (5, 0, 5)


def test_recalled_stock_is_not_released(goods: Goods) -> None:
    goods.have("L1", 5)
    goods.move(wanted(MoveKind.QUARANTINE, 5))
    goods.counter.hub.recall(Recall("r1", RecallKind.RECALL, "AMX", ("L1",), "杂质", NOON))
    with pytest.raises(Forbidden, match="召回"):
        goods.move(wanted(MoveKind.RELEASE, 1))


def test_a_lot_that_counting_found_needs_its_day(goods: Goods) -> None:
    goods.have("L1", 5)
    with pytest.raises(NotNow):
        goods.move(Wanted(MoveKind.COUNT, "AMX", "L9", units(2), " "))
    with pytest.raises(WorkRefused, match="有效期"):
        goods.move(wanted(MoveKind.COUNT, 2, lot="L9"))
    goods.move(wanted(MoveKind.COUNT, 2, lot="L9", expiry=LATER))
    assert amounts(goods, "L9") == (2, 0, 7)


def test_what_counting_found_of_a_product_without_a_figure_is_its_figure(goods: Goods) -> None:
    """As headquarters takes it."""
    assert goods.on_hand("IBU") is None
    goods.move(Wanted(MoveKind.COUNT, "IBU", "L9", units(2), "盘点", expiry=LATER))
    assert goods.on_hand("IBU") == units(2)


def test_where_the_erp_keeps_lots_nothing_moves_here(counter: Counter) -> None:
    goods = Goods(counter)
    goods.have("L1", 5)
    with pytest.raises(NotOurs, match="ERP"):
        goods.move(wanted(MoveKind.COUNT, 9))
    assert amounts(goods) == (5, 0, 5)
    assert counter.told(LotMoved) == []


def test_what_headquarters_says_leaves_the_quarantine_alone(goods: Goods) -> None:
    goods.have("L1", 5)
    goods.move(wanted(MoveKind.QUARANTINE, 2))
    goods.counter.hub.tell(StockSet("AMX", units(8), "A-1", (Lot("L1", LATER, units(8)),)))
    assert amounts(goods) == (8, 2, 8)
    goods.counter.hub.tell(StockSet("AMX", units(1), "A-1", (Lot("L2", LATER, units(1)),)))
    assert amounts(goods) == (0, 2, 1)


def test_the_nearest_day_comes_first_and_a_name_or_scan_finds_it(goods: Goods) -> None:
    lots = (Lot("FAR", date(2029, 1, 31), units(3)), Lot("NEAR", date(2026, 12, 31), units(2)))
    goods.counter.hub.tell(StockSet("AMX", units(5), "A-1", lots))
    goods.counter.hub.tell(StockSet("IBU", units(1), "B-1", (Lot("IB", LATER, units(1)),)))

    def found(find: str = "", *, soon: bool = False) -> list[str]:
        lookup = goods.counter.lookup
        seen = goods.counter.work.read(lambda reading: listing.listing(reading, lookup, find, soon=soon))
        return [row.lot for row in seen.rows]

    assert found() == ["NEAR", "IB", "FAR"]
    assert found(soon=True) == ["NEAR"]
    assert found("布洛芬") == found("b-1") == found("6900000000014") == found(pack(1, "8765432")) == ["IB"]


def test_a_lot_shows_what_it_costs(goods: Goods) -> None:
    goods.have("L1", 5)
    goods.counter.hub.tell(StockSet("IBU", units(1), "B-1", (Lot("IB", LATER, units(1)),)))
    goods.counter.hub.tell_all(PRICES, PricePut("AMX", 1250), PricePut("AMX", 990, "S9"))
    seen = goods.counter.work.read(lambda reading: listing.listing(reading, goods.counter.lookup))
    assert {row.sku: row.price for row in seen.rows} == {"AMX": 1250, "IBU": None}


def picked(goods: Goods) -> None:
    """One order, its two packs of lot L1, packed."""
    goods.have("L1", 5)
    goods.counter.hub.tell(OrderPlaced(order("o1", line(count=2))))
    goods.counter.start()
    for number in (1, 2):
        goods.counter.scan(pack(number), order_id="o1")
    said = ReadLot(1, "L1", LATER)
    goods.counter.do(lambda tx: confirm(tx, "o1", said, stations.actor(tx, "page:1"), goods.counter.lookup))
    lookup = goods.counter.lookup
    goods.counter.do(lambda tx: steps.complete(tx, "o1", lookup, stations.actor(tx, "page:1")))


def test_a_pick_takes_from_its_lot_and_putting_back_raises_it(goods: Goods) -> None:
    picked(goods)
    assert amounts(goods) == (3, 0, 3)
    goods.counter.hub.tell(OrderCancelled("o1", "customer", taken=False))
    assert amounts(goods) == (3, 0, 3)
    lookup = goods.counter.lookup
    goods.counter.do(lambda tx: putting_back.put_back(tx, "o1", stations.actor(tx, "page:1"), lookup))
    assert amounts(goods) == (5, 0, 5)


def test_what_a_customer_brings_back_is_set_apart(goods: Goods) -> None:
    picked(goods)
    lookup = goods.counter.lookup
    goods.counter.do(lambda tx: returns.take_back(tx, "o1", pack(1), stations.actor(tx, "page:1"), lookup))
    assert amounts(goods) == (3, 1, 3)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(st.tuples(st.sampled_from(MoveKind), st.integers(0, 6), st.booleans()), max_size=8))
def test_whatever_is_done_the_books_agree(goods: Goods, moves: list[tuple[MoveKind, int, bool]]) -> None:
    """On hand is what may be sold of its lots, and both are what was told."""
    goods.have("L1", 5)
    before, sellable = len(goods.counter.told(LotMoved)), 5
    for kind, count, apart in moves:
        try:
            goods.move(wanted(kind, count, apart=apart))
        except WorkRefused:
            continue
    told = goods.counter.told(LotMoved)[before:]
    sellable += sum(each.delta for each in told) // 1000
    kept, apart_now, on_hand = amounts(goods)
    assert kept == on_hand == sellable >= 0
    assert apart_now >= 0

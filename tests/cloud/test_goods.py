"""Goods received and lots moved in a store: each once, by the books of whoever owns them."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud import chain, policy, tables
from domain.events import StockSet
from domain.exceptions import ExceptionKind
from domain.lots import Lot
from domain.operations import GoodsReceived, LotMoved, MoveKind, PickCompleted, ReceivedLine
from domain.picks import Binding
from domain.policy import ChainPolicy, Duty, Owner
from domain.protocol import OutcomeState
from domain.quantity import units
from tests.cloud.hub import STORE, Hub

EXPIRY = date(2028, 6, 30)
OURS = ChainPolicy(owners={Duty.LOT_STOCK: Owner.YAOLINK, Duty.RECEIVING: Owner.YAOLINK})


@pytest.fixture
def ours(hub: Hub) -> Hub:
    """A chain whose lot stock and receiving are kept here."""
    with hub.transaction() as tx:
        policy.put(tx, OURS, by="operator")
    return hub


def receipt(quantity: int, receipt_id: str = "r1", lot: str = "L1") -> GoodsReceived:
    line = ReceivedLine("sku1", lot, EXPIRY, units(quantity), date(2026, 6, 1), codes=("8" * 20,))
    return GoodsReceived(receipt_id, "国药", "B-1", (line,), "S1")


def moved(kind: MoveKind, delta: int, *, quarantined: int = 0, move_id: str = "m1", seen: int = 9_999) -> LotMoved:
    return LotMoved(
        move_id, kind, "sku1", "L1", EXPIRY, units(delta), "破损", seen, quarantined=units(quarantined), staff_id="S1"
    )


def lot(hub: Hub, name: str = "L1") -> tuple[int, int]:
    """(quantity, of it in quarantine)."""
    row = hub.row(tables.lots, store=STORE, lot=name)
    return row.quantity, row.quarantine


def on_hand(hub: Hub) -> int:
    return hub.level("sku1").on_hand


def test_what_came_in_may_be_sold_and_its_lot_is_known(ours: Hub) -> None:
    before = on_hand(ours)
    assert ours.do(receipt(5)).state is OutcomeState.DONE
    assert on_hand(ours) == before + units(5)
    assert lot(ours) == (units(5), 0)
    row = ours.row(tables.lots, store=STORE, lot="L1")
    assert (row.expiry, row.produced, row.month_only) == ("2028-06-30", "2026-06-01", 0)
    ours.balanced()


def test_one_receipt_under_two_keys_came_in_once(ours: Hub) -> None:
    before = on_hand(ours)
    for key in ("k1", "k2"):
        ours.do(receipt(5), key=key)
    assert on_hand(ours) == before + units(5)
    ours.balanced()


def test_where_the_erp_owns_receiving_it_is_kept_and_moves_nothing(hub: Hub) -> None:
    before = on_hand(hub)
    assert hub.do(receipt(5)).state is OutcomeState.DONE
    assert hub.do(moved(MoveKind.DESTROY, -1)).state is OutcomeState.DONE
    assert on_hand(hub) == before
    assert [row.receipt_id for row in hub.rows(tables.receipts)] == ["r1"]
    assert [row.kind for row in hub.rows(tables.lot_moves)] == ["destroy"]
    hub.balanced()


@pytest.mark.parametrize(
    ("move", "sellable", "of_lot"),
    [
        (moved(MoveKind.DESTROY, -2), -2, (3, 0)),
        (moved(MoveKind.COUNT, 1), 1, (6, 0)),
        (moved(MoveKind.QUARANTINE, -2, quarantined=2), -2, (5, 2)),
        (moved(MoveKind.RETURN_TO_SUPPLIER, -5), -5, (0, 0)),
    ],
    ids=lambda value: value.move.value if isinstance(value, LotMoved) else str(value),
)
def test_a_move_changes_what_may_be_sold_and_its_lot(
    ours: Hub, move: LotMoved, sellable: int, of_lot: tuple[int, int]
) -> None:
    ours.do(receipt(5))
    before = on_hand(ours)
    for key in ("k1", "k2"):
        ours.do(move, key=key)
    assert on_hand(ours) == before + units(sellable)
    assert lot(ours) == (units(of_lot[0]), units(of_lot[1]))
    ours.balanced()


def test_what_was_set_apart_comes_back_or_is_destroyed(ours: Hub) -> None:
    ours.do(receipt(5))
    before = on_hand(ours)
    ours.do(moved(MoveKind.QUARANTINE, -3, quarantined=3))
    ours.do(moved(MoveKind.RELEASE, 1, quarantined=-1, move_id="m2"))
    ours.do(moved(MoveKind.DESTROY, 0, quarantined=-2, move_id="m3"))
    assert on_hand(ours) == before - units(2)
    assert lot(ours) == (units(3), 0)


def test_a_move_that_knew_less_than_headquarters_never_raises_what_may_be_sold(ours: Hub) -> None:
    ours.do(receipt(5))
    with ours.transaction() as tx:
        chain.set_stock(tx, STORE, "sku1", units(4))
    assert ours.told(StockSet)
    ours.do(moved(MoveKind.COUNT, 3, seen=0))
    assert on_hand(ours) == units(4)
    ours.do(moved(MoveKind.COUNT, -1, seen=0, move_id="m2"))
    assert on_hand(ours) == units(3)


def test_headquarters_word_leaves_what_is_in_quarantine(ours: Hub) -> None:
    ours.do(receipt(5))
    ours.do(receipt(1, receipt_id="r2", lot="L2"))
    ours.do(moved(MoveKind.QUARANTINE, -2, quarantined=2))
    with ours.transaction() as tx:
        chain.set_stock(tx, STORE, "sku1", units(4), lots=(Lot("L1", EXPIRY, units(4)),))
    assert lot(ours) == (units(6), units(2))
    assert [row.lot for row in ours.rows(tables.lots)] == ["L1"]
    ours.do(moved(MoveKind.DESTROY, 0, quarantined=-2, move_id="m2"))
    assert lot(ours) == (units(4), 0)


def test_destroying_what_was_promised_opens_an_exception(ours: Hub) -> None:
    ours.do(receipt(1))
    have = on_hand(ours) // 1_000
    ours.place(1, ("sku1", have))
    ours.do(moved(MoveKind.DESTROY, -1))
    assert [row.kind for row in ours.rows(tables.exceptions)] == [ExceptionKind.OVERSOLD]
    ours.balanced()


def test_a_pick_takes_from_the_lots_it_names(ours: Hub) -> None:
    ours.do(receipt(5))
    made = ours.place(1, ("sku1", 2))
    packs = (Binding(1, "8" * 20, units(1), lot="L1"), Binding(1, "8" * 19 + "1", units(1)))
    ours.do(PickCompleted(made, packs))
    assert lot(ours) == (units(4), 0)


def test_an_absurd_quantity_is_set_aside(ours: Hub) -> None:
    ours.do(receipt(10**9))
    ours.do(moved(MoveKind.COUNT, -(10**9)))
    assert [row.reason for row in ours.rows(tables.set_aside)] == ["absurd", "absurd"]
    assert ours.rows(tables.receipts) == ours.rows(tables.lot_moves) == []


MOVES = st.tuples(st.sampled_from(MoveKind), st.integers(-4, 4), st.integers(-3, 3))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(MOVES, max_size=6))
def test_whatever_moves_the_books_balance_and_no_lot_is_less_than_nothing(
    ours: Hub, moves: list[tuple[MoveKind, int, int]]
) -> None:
    ours.do(receipt(5, receipt_id=ours.randomness.randbytes(8).hex()))
    for kind, delta, quarantined in moves:
        ours.do(moved(kind, delta, quarantined=quarantined, move_id=ours.randomness.randbytes(8).hex()))
    ours.balanced()
    quantity, apart = lot(ours)
    assert quantity >= 0
    assert apart >= 0

"""A disk was put back to before the store packed an order that it knows: headquarters was told, and it stays packed."""

from pathlib import Path

import msgspec
import pytest

from agent import orders, outbox, picks, slips, trail
from agent.files import WorkFile
from agent.judging import scan
from agent.picking import opened
from agent.picking.steps import hand_over, start
from agent.transactions import Reading, Transaction
from domain.events import DoneInStore, OperationKept, OrderCancelled, OrderPlaced
from domain.operations import Operation, OperationBody, OrderHandedOver, PickCompleted, encode_body
from domain.orders import OrderState
from domain.picks import Binding, Pick, PickState
from domain.quantity import units
from domain.slips import SlipKind, SlipState
from tests.agent.core.catalogue import TWO_PRODUCTS
from tests.agent.core.hub import NOON, Hub, order
from tests.agent.snapshots.making import header, loaded

CODES = tuple(f"8123456000000000000{place}" for place in range(4))
BAG = tuple(Binding(1, code, units(1)) for code in CODES[:2])
DONE = DoneInStore(NOON, 9, "ef" * 32, BAG)


def pick_of(work: WorkFile, order_id: str = "o1") -> Pick:
    return work.read(lambda reading: picks.load(reading, order_id))


def put_in(work: WorkFile, order_id: str, *codes: str) -> None:
    def write(tx: Transaction) -> None:
        for code in codes:
            picks.bind(tx, order_id, Binding(1, code, units(1)), scan_id=None)

    work.write(write)


def packed_there(work: WorkFile, folder: Path, done: DoneInStore = DONE) -> None:
    loaded(work, folder, header(), OrderPlaced(order(state=OrderState.PICKED), done))


@pytest.mark.parametrize("begun", [False, True])
def test_it_is_packed(hub: Hub, work: WorkFile, tmp_path: Path, begun: bool) -> None:
    hub.tell(OrderPlaced(order()))
    if begun:
        work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
        put_in(work, "o1", CODES[0], CODES[3])
    packed_there(work, tmp_path)
    pick = pick_of(work)
    assert pick.state is PickState.PACKED
    assert [binding.code for binding in pick.bindings] == list(CODES[:2]), "as headquarters was told"
    assert work.read(lambda reading: picks.sold_at(reading, CODES[1])) is not None
    assert work.read(lambda reading: orders.get(reading, "o1")).state is OrderState.PICKED
    verdict = work.write(lambda tx: scan(tx, CODES[2].encode(), "page:1", TWO_PRODUCTS, order_id="o1")).verdict
    assert not verdict.good
    assert "pick.completed" not in work.read(outbox.waiting)


def kept(body: OperationBody, key: str = "k1") -> OperationKept:
    """By an older hub, which cannot read it."""
    raw = msgspec.Raw(encode_body(body))
    return OperationKept(Operation(key, 40, body.kind, body.version, NOON, raw, order_id="o1"))


def test_a_bag_that_headquarters_cannot_read_is_packed_and_told_again(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    for _ in range(2):  # the second time it is here
        loaded(work, tmp_path, header(), OrderPlaced(order()), kept(PickCompleted("o1", BAG)))
    pick = pick_of(work)
    assert (pick.state, [each.code for each in pick.bindings]) == (PickState.PACKED, list(CODES[:2]))
    assert work.read(lambda reading: orders.get(reading, "o1")).state is OrderState.PICKED
    told = [each for each in work.read(outbox.pending) if each.kind == "pick.completed"]
    assert [(each.key, each.order_id) for each in told] == [("k1", "o1")]
    loaded(work, tmp_path, header(), OrderPlaced(order()), kept(OrderHandedOver("o1"), "k2"))
    assert work.read(lambda reading: orders.get(reading, "o1")).state is OrderState.HANDED_OVER


def test_what_this_program_cannot_read_either_goes_as_it_is(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    stranger = Operation("k1", 1, "from.tomorrow", 1, NOON, msgspec.Raw(b"{}"))
    loaded(work, tmp_path, header(), OrderPlaced(order()), OperationKept(stranger))
    assert [each.key for each in work.read(outbox.pending)] == ["k1"]


def test_no_slip_is_printed_for_it(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    packed_there(work, tmp_path)
    (slip,) = work.read(lambda reading: slips.of_order(reading, "o1", SlipKind.PICKING))
    assert slip.state is SlipState.WITHDRAWN


def test_it_goes_on_from_there(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    packed_there(work, tmp_path, DoneInStore(NOON, 9, "ef" * 32, BAG[:1]))
    work.write(lambda tx: hand_over(tx, "o1", TWO_PRODUCTS))
    assert work.read(lambda reading: orders.get(reading, "o1")).state is OrderState.HANDED_OVER
    assert work.read(lambda reading: trail.steps(reading, "o1"))[-1].seq == 10, "headquarters has nine steps of it"


def test_a_pack_lies_in_one_bag(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    """It was taken out of one bag and packed into the other; a third order was told to hold one that is packed here."""
    hub.tell(OrderPlaced(order()), OrderPlaced(order("o2")), OrderPlaced(order("o3")))
    work.write(lambda tx: start(tx, "o2", TWO_PRODUCTS))
    put_in(work, "o2", CODES[0])
    loaded(
        work,
        tmp_path,
        header(),
        OrderPlaced(order(state=OrderState.PICKED), DONE),
        OrderPlaced(order("o2")),
        OrderPlaced(order("o3", state=OrderState.PICKED), DoneInStore(bindings=BAG[1:])),
    )
    assert [binding.code for binding in pick_of(work).bindings] == list(CODES[:2])
    assert (pick_of(work, "o2").state, pick_of(work, "o2").bindings) == (PickState.PICKING, ())
    assert (pick_of(work, "o3").state, pick_of(work, "o3").bindings) == (PickState.PACKED, ())


def test_a_part_that_was_not_packed_is_in_its_pack_again(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    part = Binding(1, CODES[3], 250, opened=True)

    def take_a_part(tx: Transaction) -> None:
        opened.take(tx, "AMX", units(1), part)
        picks.bind(tx, "o1", part, scan_id=None)

    hub.tell(OrderPlaced(order()))
    work.write(take_a_part)
    packed_there(work, tmp_path)
    assert work.read(lambda reading: opened.remaining(reading, CODES[3])) == units(1)


def test_what_was_picked_in_the_platforms_app_is_still_packed_here(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    work.write(lambda tx: start(tx, "o1", TWO_PRODUCTS))
    packed_there(work, tmp_path, DoneInStore(NOON, 2, "ab" * 32))
    assert pick_of(work).state is PickState.PICKING


def test_what_the_rider_took_of_a_cancelled_one_stays_sold(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    told = OrderPlaced(order(state=OrderState.CANCELLED), DONE)
    loaded(work, tmp_path, header(), told, OrderCancelled("o1", "customer", taken=True))
    assert (pick_of(work).state, len(pick_of(work).bindings)) == (PickState.STOPPED, 2)


def test_what_is_packed_here_stays_as_it_is(hub: Hub, work: WorkFile, tmp_path: Path) -> None:
    hub.tell(OrderPlaced(order()))
    packed_there(work, tmp_path)
    before = work.read(_changes)
    packed_there(work, tmp_path, DoneInStore(NOON, 9, "ef" * 32, BAG[:1]))
    assert len(pick_of(work).bindings) == 2
    assert work.read(_changes) == before


def _changes(reading: Reading) -> int:
    return int(reading.db.execute("SELECT count(*) FROM outbox").fetchone()[0])

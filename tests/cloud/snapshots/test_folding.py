"""What a log's snapshot says: everything that counts, as it reads now, and nothing readable about a person."""

import gzip
from datetime import date
from pathlib import Path

import msgspec
import pytest

from cloud import chain, policy, recalls, tables
from cloud.channels.base import Cancelled, Refunded, RiderCame, Urged
from cloud.snapshots import writing
from cloud.snapshots.rows import INTEREST
from domain.events import (
    CATALOGUE,
    ExceptionOpened,
    OrderCancelled,
    OrderPlaced,
    OrderUrged,
    PolicySet,
    ProductPut,
    RecallPut,
    RefundChanged,
    RiderMoved,
    StockSet,
    store_log,
)
from domain.lots import Lot
from domain.operations import OrderHandedOver, PickCompleted, PickStarted
from domain.orders import OrderState, RiderState
from domain.personal import Recipient, Rider
from domain.picks import Binding
from domain.policy import ChainPolicy
from domain.quantity import units
from domain.refunds import RefundState
from domain.times import DAY
from tests.cloud.hub import CHAIN, RECIPIENT, STORE, Hub
from tests.cloud.snapshots.reading import KEY, opened, taken

LOG = store_log(STORE)
LOT = Lot("B1", date(2027, 3, 31), units(4), shelf="A-3")


def packed(hub: Hub, order_id: str, line_id: int = 1, code: str | None = "83712340000000000001") -> None:
    hub.do(PickStarted(order_id))
    hub.do(PickCompleted(order_id, (Binding(line_id, code, units(1)),)))


def placed(hub: Hub, folder: Path) -> dict[str, OrderPlaced]:
    bodies = taken(hub, LOG, folder).bodies(OrderPlaced)
    return {body.order.order_id: body for body in bodies if isinstance(body, OrderPlaced)}


def test_it_stands_for_every_event_up_to_the_head(hub: Hub, tmp_path: Path) -> None:
    hub.place(1)
    read = taken(hub, LOG, tmp_path)
    assert (read.header.log, read.header.seq) == (LOG, hub.events()[-1].seq)
    assert read.header.log_id == hub.row(tables.log_heads, log=LOG).log_id
    assert {event.log for event in read.events} == {LOG}


def test_orders_read_as_they_do_now(hub: Hub, tmp_path: Path) -> None:
    first, second = hub.place(1, ("sku1", 1)), hub.place(2, ("sku2", 30))
    packed(hub, first)
    found = placed(hub, tmp_path)
    assert found[first].order.state is OrderState.PICKED
    assert [line.short for line in found[second].order.lines] == [units(20)]
    assert found[second].done is None
    done = found[first].done
    assert done is not None
    assert [binding.code for binding in done.bindings] == ["83712340000000000001"]


def test_what_was_said_of_an_order_comes_behind_it(hub: Hub, tmp_path: Path) -> None:
    order_id = hub.place(1, ("sku1", 30))
    hub.say(1, Urged("1"), "urged:1")
    hub.say(1, RiderCame("1", RiderState.AT_STORE, Rider("赵骑手", "13755554444")), "rider:1")
    asked = Refunded("1", "r1", RefundState.ASKED, None, None, (), "过敏了", None, None)
    hub.say(1, asked, "refund:1")
    read = taken(hub, LOG, tmp_path)
    kinds = [event.kind for event in read.events if event.order_id == order_id]
    assert kinds == [kind.kind for kind in (OrderPlaced, OrderUrged, RiderMoved, RefundChanged, ExceptionOpened)]


def test_a_cancelled_order_says_by_whom(hub: Hub, tmp_path: Path) -> None:
    order_id = hub.place(1)
    hub.say(1, Cancelled("1", "customer", ""), "cancel:1")
    read = taken(hub, LOG, tmp_path)
    assert read.bodies(OrderCancelled) == [OrderCancelled(order_id, "customer", taken=False)]
    assert placed(hub, tmp_path)[order_id].order.state is OrderState.CANCELLED


def test_orders_that_have_long_been_over_are_left_out(hub: Hub, tmp_path: Path) -> None:
    over, open_ = hub.place(1), hub.place(2)
    packed(hub, over)
    hub.do(OrderHandedOver(over))
    assert placed(hub, tmp_path).keys() == {over, open_}
    hub.now += INTEREST + DAY
    assert placed(hub, tmp_path).keys() == {open_}


def test_other_stores_orders_and_those_nobody_was_told_of_are_not_in_it(hub: Hub, tmp_path: Path) -> None:
    mine, other = hub.place(1), hub.place(2, shop="shop-2")
    assert placed(hub, tmp_path).keys() == {mine}
    assert other not in placed(hub, tmp_path)


def test_stock_says_its_lots_and_what_of_them_lies_apart(hub: Hub, tmp_path: Path) -> None:
    with hub.transaction() as tx:
        chain.set_stock(tx, STORE, "sku1", units(4), shelf="A", lots=(LOT,))
        tx.connection.execute(
            tables.lots.update().where(tables.lots.c.lot == "B1").values(quantity=units(6), quarantine=units(2))
        )
    stock = [body for body in taken(hub, LOG, tmp_path).bodies(StockSet) if isinstance(body, StockSet)]
    assert [body.sku for body in stock] == ["sku1", "sku2", "sku3"]
    assert stock[0] == StockSet("sku1", units(4), "A", (LOT,), {"B1": units(2)})


def test_what_headquarters_set_is_said_even_where_it_set_nothing(hub: Hub, tmp_path: Path) -> None:
    assert taken(hub, LOG, tmp_path).bodies(PolicySet) == [PolicySet(ChainPolicy())]
    wanted = ChainPolicy(near_expiry_days=100)
    with hub.transaction() as tx:
        policy.put(tx, wanted, by="test")
    assert taken(hub, LOG, tmp_path).bodies(PolicySet) == [PolicySet(wanted)]


def test_the_catalogue_has_its_products_and_the_recalls_in_force(hub: Hub, tmp_path: Path) -> None:
    with hub.transaction() as tx:
        for name in ("r1", "r2"):
            recalls.put(tx, recalls.WantedRecall(name, "sku1", "杂质"), by="test")
    with hub.transaction() as tx:
        recalls.end(tx, "r1", by="test")
    read = taken(hub, CATALOGUE, tmp_path)
    skus = [body.product.sku for body in read.bodies(ProductPut) if isinstance(body, ProductPut)]
    assert skus == ["sku1", "sku2", "sku3"]
    told = [event for event in read.events if event.kind == RecallPut.kind]
    assert len(told) == 1 and told[0].must_understand


def test_persons_are_sealed_under_the_files_own_key(hub: Hub, tmp_path: Path) -> None:
    open_, over = hub.place(1), hub.place(2)
    hub.say(2, Cancelled("2", "customer", ""), "cancel:2")
    read = taken(hub, LOG, tmp_path)
    carried = {record.order_id: record for event in read.events for record in event.personal}
    assert carried.keys() == {open_}, "nobody needs who ordered what is over"
    assert over not in carried
    assert msgspec.json.decode(opened(carried[open_], KEY), type=Recipient) == RECIPIENT
    for path in tmp_path.glob("*.gz"):
        text = gzip.decompress(path.read_bytes()).decode()
        assert "王小明" not in text and "13812345678" not in text


@pytest.mark.parametrize("count", [199, 200, 201, 401])
def test_a_long_log_is_read_in_batches_without_losing_a_row(hub: Hub, tmp_path: Path, count: int) -> None:
    with hub.transaction() as tx:
        row = {"chain": CHAIN, "name": "药", "body": hub.row(tables.products, sku="sku1").body}
        tx.connection.execute(tables.products.delete())
        tx.connection.execute(tables.products.insert(), [{**row, "sku": f"x{place:05}"} for place in range(count)])
    assert len(taken(hub, CATALOGUE, tmp_path).bodies(ProductPut)) == count


def test_an_older_agent_gets_what_it_knows_and_whatever_must_be_understood(hub: Hub, tmp_path: Path) -> None:
    with hub.transaction() as tx:
        recalls.put(tx, recalls.WantedRecall("r1", "sku1", "杂质"), by="test")
    hub.place(1)
    accepts = {kind: v for kind, v in writing.EVERYTHING.items() if kind not in (StockSet.kind, RecallPut.kind)}
    kinds = {event.kind for event in taken(hub, LOG, tmp_path, accepts).events}
    assert OrderPlaced.kind in kinds and StockSet.kind not in kinds
    assert RecallPut.kind in {event.kind for event in taken(hub, CATALOGUE, tmp_path, accepts).events}

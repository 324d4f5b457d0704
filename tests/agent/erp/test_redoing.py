"""Headquarters' word on stock that lacks what the ERP said here: that is done again, once."""

from datetime import date

from agent import incarnation, stock
from domain.erp import ErpReceipt, ErpReceiptLine, ErpSale, ErpSaleLine
from domain.events import StockSet
from domain.lots import Lot
from domain.operations import SaleLine
from domain.policy import Duty, ErpDelivery, Owner
from domain.quantity import units
from tests.agent.core.hub import line, order
from tests.agent.erp.conftest import LATER, Erp
from tests.agent.picking.conftest import pack


def say(erp: Erp, level: int, *lots: str) -> None:
    """Headquarters set it before it heard of anything."""
    life = erp.do(incarnation.incarnation)
    told = tuple(Lot(lot, LATER, units(level)) for lot in lots)
    erp.counter.hub.tell(StockSet("AMX", units(level), "A-1", told, heard={life: 0}))


def lots(erp: Erp) -> dict[str, int]:
    found = erp.counter.work.read(lambda reading: stock.lots_of(reading, "AMX"))
    return {lot.lot: lot.quantity // units(1) for lot in found}


def test_a_counter_sale_of_the_erp(erp: Erp) -> None:
    erp.have(10, "B1")
    erp.take(ErpSale("POS-1", 10, (ErpSaleLine("AMX", units(2), "B1"),)))
    say(erp, 50, "B1")
    assert (erp.on_hand, lots(erp)) == (48, {"B1": 48})


def test_goods_that_came_in(erp: Erp) -> None:
    erp.take(ErpReceipt("IN-1", 10, (ErpReceiptLine("AMX", units(5), "B2", date(2028, 6, 30)),)))
    say(erp, 50, "B1")
    assert (erp.on_hand, lots(erp)) == (55, {"B1": 50, "B2": 5})


def test_what_a_count_of_the_erp_contained_is_not_taken_off(erp: Erp) -> None:
    erp.sale("POS-1", 10, 2)
    erp.count(30, 11)
    say(erp, 50)
    assert erp.on_hand == 30


def test_what_followed_a_count_of_the_erp_is_taken_off_once(erp: Erp) -> None:
    """However often headquarters says it."""
    erp.count(30, 11)
    erp.do(lambda tx: stock.record_sale(tx, [SaleLine("AMX", units(2))]))
    for _ in range(3):
        say(erp, 50)
        assert erp.on_hand == 28


def test_a_pack_that_was_given_for_another(erp: Erp) -> None:
    erp.sell(order("o1", line()), pack(1))
    erp.exchange(pack(1))
    erp.exchange(pack(2))
    say(erp, 50)
    assert erp.on_hand == 48


def test_a_count_of_the_erp_moves_nothing_where_the_store_keeps_its_stock_itself(erp: Erp) -> None:
    erp.counter.policy(erp=ErpDelivery.STORE, owners={Duty.LOT_STOCK: Owner.YAOLINK})
    erp.have(10)
    erp.count(30, 11)
    say(erp, 50)
    assert erp.on_hand == 50

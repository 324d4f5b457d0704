"""What pharmacists and archivists at headquarters are shown."""

from cloud import orders
from cloud.channels.base import Cancelled
from cloud.views import prescriptions
from cloud.views.prescriptions import Sought, View
from domain.prescriptions import PrescriptionState
from domain.times import DAY
from tests.cloud.hub import CHAIN, OTHER_STORE, STORE, Hub
from tests.cloud.prescriptions import rx
from tests.cloud.prescriptions.rx import PATIENT, by_headquarters, by_store, ordered, picture


def waiting(hub: Hub) -> list[str]:
    with hub.database.read() as connection:
        rows = prescriptions.waiting(connection, CHAIN)
        assert prescriptions.count(connection, CHAIN) == len(rows)
    return [row.prescription.order_id for row in rows]


def found(hub: Hub, sought: Sought) -> list[str]:
    with hub.database.read() as connection:
        return [row.prescription.order_id for row in prescriptions.archive(connection, CHAIN, sought)]


def one(hub: Hub, order_id: str) -> View:
    with hub.database.read() as connection:
        view = prescriptions.one(connection, CHAIN, hub.vault, rx.now(hub, order_id).prescription_id)
    assert view is not None
    return view


def test_the_oldest_that_waits_comes_first_and_what_is_over_not_at_all(hub: Hub) -> None:
    first, second, third = (ordered(hub, number, images=(picture(str(number)),)) for number in (1, 2, 3))
    hub.place(4, ("sku2", 1))
    assert waiting(hub) == [first, second, third]
    by_headquarters(hub, second)
    hub.say(1, Cancelled("1", "customer", ""), "cancelled:1")
    assert waiting(hub) == [third]


def test_one_shows_goods_patient_images_and_who_decided(hub: Hub) -> None:
    order_id = ordered(hub, 1, ("sku1", 2), images=(picture("front"),), rx="RX-1")
    by_store(hub, order_id, False)
    view = one(hub, order_id)
    assert view.row.prescription == rx.now(hub, order_id)
    with hub.transaction() as tx:
        assert view.lines == orders.lines(tx, order_id)
    assert view.person == PATIENT
    assert [given.decision.store for given in view.decisions] == [STORE]
    assert view.row.prescription.state is PrescriptionState.REFUSED


def test_what_is_still_to_come_is_said(hub: Hub) -> None:
    (coming,) = one(hub, ordered(hub, 1)).row.coming
    assert (coming.place, coming.state, coming.attempts) == (0, "waiting", 0)


def test_two_orders_with_one_prescription_see_each_other(hub: Hub) -> None:
    first, second = (ordered(hub, number, images=(picture("front"),)) for number in (1, 2))
    assert [other.order_id for other in one(hub, first).also] == [second]
    used_by = one(hub, second).used_by
    assert used_by is not None and (used_by.order_id, used_by.shown_id) == (first, "美团-1")


def test_the_archive_is_searched_by_order_store_day_and_pharmacist(hub: Hub) -> None:
    first = ordered(hub, 1, images=(picture("1"),))
    by_headquarters(hub, first)
    hub.now += DAY
    second = ordered(hub, 2, images=(picture("2"),))
    by_store(hub, second, True, staff_id="S7")
    assert found(hub, Sought()) == [second, first]
    assert (
        found(hub, Sought(order=first))
        == found(hub, Sought(order="1"))
        == found(hub, Sought(order="美团-1"))
        == [first]
    )
    assert found(hub, Sought(staff="S7")) == [second] and found(hub, Sought(staff="P1")) == [first]
    assert found(hub, Sought(store=STORE)) == [second, first] and found(hub, Sought(store=OTHER_STORE)) == []
    assert found(hub, Sought(day="2026-09-22")) + found(hub, Sought(day="2026-09-21")) == [second, first]
    before = rx.now(hub, second).prescription_id
    assert found(hub, Sought(before=before)) == [first]

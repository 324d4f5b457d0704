"""An order that needs a prescription gets its record, and the store hears of it with who the patient is beside."""

from collections.abc import Callable

import msgspec

from cloud import erasing, tables
from cloud.channels.base import Changed, HeardPrescription
from cloud.database import Database
from domain.blobs import Blob
from domain.events import OrderPlaced, PrescriptionChanged
from domain.prescriptions import PrescriptionPerson, PrescriptionState, fingerprint, prescription_record
from tests.cloud.hub import Hub, channel_order
from tests.cloud.prescriptions import rx
from tests.cloud.prescriptions.rx import PATIENT, picture


def test_a_prescription_order_waits_for_a_pharmacist(hub: Hub) -> None:
    order_id = rx.ordered(hub, 1)
    kinds = [event.kind for event in hub.events() if event.order_id == order_id]
    assert kinds.index(OrderPlaced.kind) < kinds.index(PrescriptionChanged.kind)
    (said,) = rx.told(hub, order_id)
    assert said == rx.now(hub, order_id)
    assert (said.state, said.images, said.decision, said.used_by) == (PrescriptionState.WAITING, (), None, "")


def test_an_ordinary_order_has_none(hub: Hub) -> None:
    hub.place(1, ("sku2", 1))
    assert hub.told(PrescriptionChanged) == [] and hub.rows(tables.prescriptions) == []


def test_what_the_channel_says_comes_with_it(hub: Hub) -> None:
    image = picture("front")
    order_id = rx.ordered(hub, 1, images=(image,), rx="RX-7")
    said = rx.now(hub, order_id)
    assert said.images == (Blob(rx.sha(image), len(image), "image/png"),)
    assert said.content == fingerprint(said.images, "示例互联网医院", "RX-7") != ""


def test_the_patient_travels_beside_the_event_and_never_in_it(hub: Hub) -> None:
    order_id = rx.ordered(hub, 1, images=(picture("front"),))
    (event,) = [event for event in hub.events() if event.kind == PrescriptionChanged.kind]
    (beside,) = event.personal
    assert (beside.order_id, beside.name) == (order_id, prescription_record(rx.now(hub, order_id).prescription_id))
    assert msgspec.json.decode(beside.body, type=PrescriptionPerson) == PATIENT
    for word in (PATIENT.patient, PATIENT.diagnosis, PATIENT.allergies):
        assert word.encode() not in bytes(event.body)


def test_no_table_holds_the_patient_or_the_picture_in_clear(hub: Hub) -> None:
    rx.ordered(hub, 1, images=(picture("what the doctor wrote"),))
    for table in tables.metadata.sorted_tables:
        said = repr([tuple(row) for row in hub.rows(table)]).encode()
        assert "李小花".encode() not in said and b"what the doctor wrote" not in said, table.name


def test_a_hub_that_hears_of_the_order_anew_gives_it_the_same_id(
    hub: Hub, new_database: Callable[[str], Database]
) -> None:
    first, second = (rx.now(hub, rx.ordered(hub, number)).prescription_id for number in (1, 2))
    restored = rx.sells_medicine(Hub.with_stock(new_database("sqlite")))
    restored.now, order = hub.now, rx.ordered(restored, 2)
    assert rx.now(restored, order).prescription_id == second != first


def test_an_order_may_come_to_need_one(hub: Hub) -> None:
    order_id = hub.place(1, ("sku2", 1))
    hub.say(1, Changed("1", channel_order(1, ("sku2", 1), ("sku1", 1))), "changed:1")
    assert rx.now(hub, order_id).state is PrescriptionState.WAITING
    assert len(rx.told(hub, order_id)) == 1


def test_what_is_told_later_is_added(hub: Hub) -> None:
    order_id = rx.ordered(hub, 1, images=(picture("front"),))
    heard = HeardPrescription("RX-7", images=(picture("front"), picture("back")))
    hub.say(1, Changed("1", rx.medicine(1, heard=heard)), "changed:1")
    said = rx.now(hub, order_id)
    assert [image.digest for image in said.images] == [rx.sha(picture("front")), rx.sha(picture("back"))]
    assert said.number == "RX-7"
    assert rx.told(hub, order_id)[-1] == said


def test_what_is_no_picture_is_left_out_and_said(hub: Hub) -> None:
    order_id = rx.ordered(hub, 1, images=(b"<html>not found</html>", picture("front")))
    assert len(rx.now(hub, order_id).images) == 1
    said = [row.detail for row in hub.rows(tables.audit) if row.action == "prescription.image_failed"]
    assert said == ["neither JPEG, PNG, WebP nor PDF"]


def test_erasing_the_person_erases_the_images(hub: Hub) -> None:
    order_id = rx.ordered(hub, 1, images=(picture("front"),))
    with hub.transaction() as tx:
        erasing.erase(tx, order_id, by="operator")
    assert hub.rows(tables.blobs) == []
    (event,) = [event for event in hub.events() if event.kind == PrescriptionChanged.kind]
    assert event.personal == ()
    hub.say(1, Changed("1", rx.medicine(1, heard=HeardPrescription(images=(picture("back"),)))), "changed:1")
    assert hub.rows(tables.blobs) == [], "what comes late about that person is not kept"

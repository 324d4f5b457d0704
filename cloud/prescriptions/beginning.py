"""Where prescriptions come from: an order that needs one is placed, or turns into one that does."""

from collections.abc import Iterable

from cloud import audit, orders
from cloud.channels.base import HeardPrescription
from cloud.errors import BlobRefused, UnknownOrder, UnknownPrescription
from cloud.orders import Known
from cloud.prescriptions import images, records, standing
from cloud.prescriptions.records import Record
from cloud.transaction import Transaction
from domain.prescriptions import PrescriptionPerson

NOBODY = PrescriptionPerson()
NOTHING_HEARD = HeardPrescription()


def begin(tx: Transaction, known: Known, heard: HeardPrescription | None) -> None:
    """The order's record, from what its channel says of the prescription; the rest its channel is asked for."""
    order = known.order
    said = heard or NOTHING_HEARD
    record = records.new(tx, order, said.number, said.provider or order.channel, said.issued_at)
    records.put_person(tx, record, said.person)
    images.ask(tx, record.prescription_id)
    _add(tx, record, said.images)
    standing.review(tx, known, new=True)


def follow(tx: Transaction, known: Known, heard: HeardPrescription | None) -> None:
    """The order was changed, and with it perhaps what must be approved, or what is known of the prescription."""
    record = records.of_order(tx, known.order.order_id)
    if record is None:
        if known.order.prescription:
            begin(tx, known, heard)
        return
    if heard is not None:
        hear(tx, record, heard)
    standing.review(tx, known)


def hear(tx: Transaction, record: Record, heard: HeardPrescription) -> None:
    """What is told again, and what is told now only; what is not told stays. To be reviewed after."""
    now = record.prescription
    number, issued_at = heard.number or now.number, heard.issued_at or now.issued_at
    records.put_told(tx, now.prescription_id, number, heard.provider or record.provider, issued_at)
    if heard.person != NOBODY:
        records.put_person(tx, record, heard.person)
    _add(tx, record, heard.images)


def take_image(tx: Transaction, channel: str, theirs: str, content: bytes) -> None:
    """It comes by itself, after the order. Raises `UnknownOrder`, `UnknownPrescription` and `BlobRefused`."""
    order_id = orders.find(tx, channel, theirs)
    if order_id is None:
        raise UnknownOrder(f"no order {theirs!r} of this channel")
    known = orders.load(tx, order_id)
    record = records.of_order(tx, order_id)
    if record is None:
        raise UnknownPrescription(f"order {theirs!r} needs no prescription")
    images.add(tx, record, content)
    standing.review(tx, known)


def _add(tx: Transaction, record: Record, contents: Iterable[bytes]) -> None:
    """What is no image is told to a person; the order comes all the same."""
    for content in contents:
        try:
            images.add(tx, record, content)
        except BlobRefused as error:
            audit.append(tx, record.store, "hub", "prescription.image_failed", record.prescription.order_id, str(error))

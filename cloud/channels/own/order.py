"""A new order in the hub's words."""

from datetime import datetime

from cloud.channels.base import ChannelLine, ChannelOrder, HeardPrescription
from cloud.channels.own.bodies import Line, NewOrder, Prescription
from domain.orders import OrderState
from domain.personal import Recipient
from domain.prescriptions import PrescriptionPerson
from domain.quantity import units
from domain.times import SECOND, Millis


def order(body: NewOrder) -> ChannelOrder:
    return ChannelOrder(
        channel_order_id=body.order_id,
        shown_id=body.shown_id or body.order_id,
        shop=body.shop,
        day_number=body.day_number,
        placed_at=millis(body.placed_at),
        promised_at=maybe_millis(body.promised_at),
        booked=body.booked,
        prescription=bool(body.prescription),
        pick_up=body.pick_up,
        total=body.total,
        state=OrderState.PLACED,
        lines=tuple(_line(line) for line in body.lines),
        recipient=Recipient(
            name=body.recipient.name,
            phone=body.recipient.phone,
            backup_phone=body.recipient.backup_phone,
            address=body.recipient.address,
            remark=body.recipient.remark,
        ),
        rider_code=body.rider_code,
        insurance=body.insurance,
        heard_prescription=_prescription(body.prescription) if isinstance(body.prescription, Prescription) else None,
    )


def _prescription(said: Prescription) -> HeardPrescription:
    who = said.patient
    return HeardPrescription(
        number=said.number,
        provider=said.provider,
        issued_at=maybe_millis(said.issued_at),
        person=PrescriptionPerson(
            patient=who.name,
            age=who.age,
            sex=who.sex,
            diagnosis=who.diagnosis,
            allergies=who.allergies,
            doctor=said.doctor,
            hospital=said.hospital,
            identity_verified=who.identity_verified,
        ),
        images=said.images,
    )


def millis(at: datetime) -> Millis:
    return round(at.timestamp() * SECOND)


def maybe_millis(at: datetime | None) -> Millis | None:
    return None if at is None else millis(at)


def _line(line: Line) -> ChannelLine:
    return ChannelLine(
        channel_sku=line.sku,
        barcode=line.barcode,
        name=line.name,
        spec=line.spec,
        unit=line.unit,
        quantity=units(line.quantity),
        price=line.price,
        gift=line.gift,
    )

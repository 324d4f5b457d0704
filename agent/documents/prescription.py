"""A copy of a prescription (处方联): what the pharmacist approved, and who that was. The patient is masked."""

from collections.abc import Iterator

import msgspec

from agent.documents.content import SlipContent, gather
from agent.documents.frame import bottom, printed, shout, top
from agent.personal import MaskedPerson
from agent.prescriptions import gating, records
from agent.slips import Slip
from agent.transactions import Reading
from domain import quantity
from domain.quantity import Quantity
from domain.templates import Field, SlipTemplates
from domain.times import Millis, shown
from drivers.printers.document import Block, Document, Feed, Pair, Rule, Text


class PrescribedDrug(msgspec.Struct, frozen=True):
    name: str
    spec: str
    quantity: Quantity
    unit: str
    usage: str = ""
    """用法用量, where it was given."""


class PrescriptionContent(msgspec.Struct, frozen=True):
    """What is empty is not known here and left to be written by hand. Doctor and pharmacist sign with their names: they
    are no customers."""

    slip: SlipContent
    drugs: tuple[PrescribedDrug, ...]
    patient: MaskedPerson = MaskedPerson()
    number: str = ""
    doctor: str = ""
    pharmacist: str = ""
    licence: str = ""
    """The pharmacist's 注册证号."""
    approved_at: Millis | None = None


def gather_prescription(reading: Reading, slip: Slip, templates: SlipTemplates) -> PrescriptionContent:
    """Of the approval that the order is picked by; without one the order's goods, with room for the rest."""
    content = gather(reading, slip, templates)
    lines = [each.line for each in content.lines if each.line.wanted]
    drugs = tuple(PrescribedDrug(line.name, line.spec, line.wanted, line.unit) for line in lines)
    approved = gating.standing(records.of_order(reading, slip.order_id))
    if approved is None or approved.decision is None:
        return PrescriptionContent(content, drugs)
    person = records.person(reading, approved)
    return PrescriptionContent(
        slip=content,
        drugs=drugs,
        patient=MaskedPerson(person.patient),
        number=approved.number,
        doctor=person.doctor,
        pharmacist=approved.decision.name,
        licence=approved.decision.licence,
        approved_at=approved.decision.at,
    )


def prescription_copy(content: PrescriptionContent) -> Document:
    return Document((*_head(content), *_drugs(content), *_foot(content)))


def _head(content: PrescriptionContent) -> Iterator[Block]:
    slip = content.slip
    yield from top(slip.template, slip.logo)
    yield Text("处方联", width=2, height=2, bold=True, align="center")
    yield shout(slip)
    if slip.template.shows(Field.STORE):
        yield Text(slip.store_name, align="center")
    yield Pair("单号", slip.order.shown_id)
    yield Pair("处方号", _or_line(content.number))
    yield Pair("患者", _or_line(content.patient.name))
    yield Rule("=")


def _drugs(content: PrescriptionContent) -> Iterator[Block]:
    size = content.slip.template.line_size
    for drug in content.drugs:
        yield Pair(drug.name, f"×{quantity.shown(drug.quantity)}{drug.unit}", height=size)
        yield Text(f"  {drug.spec}", height=size)
        if drug.usage and content.slip.template.shows(Field.USAGE):
            yield Text(f"  用法 {drug.usage}", height=size)
    yield Rule("=")


def _foot(content: PrescriptionContent) -> Iterator[Block]:
    approved = "" if content.approved_at is None else shown(content.approved_at, "%Y-%m-%d %H:%M")
    yield Pair("医师", _or_line(content.doctor))
    yield Pair("审方药师", _or_line(content.pharmacist))
    if content.licence:
        yield Pair("注册证号", content.licence)
    yield Pair("审核时间", _or_line(approved))
    for who in ("调配", "核对"):
        yield Pair(who, _or_line(""))
    yield Feed()
    yield from bottom(content.slip.template)
    yield printed(content.slip.printed_at)


def _or_line(known: str) -> str:
    return known or "____________"

"""What is known of people, sealed at rest. It leaves here masked, for paper and page; whole only for the pharmacist
(`patient`).

The masked types are what documents and lists accept, so that a full name or number cannot reach them
(facts/compliance.md R16).
"""

import logging
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec.structs import force_setattr

from agent.errors import SealBroken
from agent.transactions import Reading, Transaction
from agent.vault import seal, unseal
from domain import masking
from domain.personal import Personal, PersonalName, Recipient, Rider, Words, refund_reason
from domain.prescriptions import PrescriptionPerson, prescription_record

log = logging.getLogger(__name__)
T = TypeVar("T")


class MaskedRecipient(msgspec.Struct, frozen=True):
    """Making one is the masking: whatever it is given, nothing unmasked stands in it. `phone` is a platform's privacy
    number whole, any other number starred."""

    name: str = ""
    phone: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        spoken = masking.without_number(masking.without_name(self.remark, self.name), self.phone)
        force_setattr(self, "remark", masking.text(spoken))
        force_setattr(self, "name", masking.name(self.name))
        force_setattr(self, "phone", masking.phone(self.phone))


class MaskedPerson(msgspec.Struct, frozen=True):
    """A rider, a patient. Making one is the masking."""

    name: str = ""
    phone: str = ""

    def __post_init__(self) -> None:
        force_setattr(self, "name", masking.name(self.name))
        force_setattr(self, "phone", masking.phone(self.phone))


class MaskedWords(msgspec.Struct, frozen=True):
    """What somebody wrote, such as why a refund is asked for. Numbers go when it is made; the names and numbers of who
    it is about, `masked_words` takes out."""

    text: str = ""

    def __post_init__(self) -> None:
        force_setattr(self, "text", masking.text(self.text))


def keep(tx: Transaction, records: Iterable[Personal]) -> None:
    """Seals what came beside an event; a newer record of the same name replaces the older."""
    for record in records:
        key = key_of(tx, record.order_id)
        sealed = seal(key, bytes(record.body), f"{record.order_id}/{record.name}", tx.randomness)
        tx.db.execute(
            "INSERT INTO personal (order_id, name, sealed) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
            (record.order_id, record.name, sealed),
        )


def erase(tx: Transaction, order_id: str) -> None:
    """Without the key the records are noise, wherever copies of them lie."""
    tx.db.execute("DELETE FROM personal_keys WHERE order_id = ?", (order_id,))
    for table in ("personal", "blobs", "blob_pieces"):
        tx.db.execute(f"DELETE FROM {table} WHERE order_id = ?", (order_id,))
    tx.db.execute("DELETE FROM papers WHERE slip_id IN (SELECT slip_id FROM slips WHERE order_id = ?)", (order_id,))


def recipient(reading: Reading, order_id: str) -> MaskedRecipient:
    found = _opened(reading, order_id, PersonalName.RECIPIENT, Recipient)
    return masked(found) if found is not None else MaskedRecipient()


def rider(reading: Reading, order_id: str) -> MaskedPerson:
    found = _opened(reading, order_id, PersonalName.RIDER, Rider)
    return MaskedPerson(found.name, found.phone) if found is not None else MaskedPerson()


def reason(reading: Reading, order_id: str, refund_id: str) -> MaskedWords:
    """Why a refund was asked for, without phone numbers and without the recipient's name."""
    words = _opened(reading, order_id, refund_reason(refund_id), Words)
    person = _opened(reading, order_id, PersonalName.RECIPIENT, Recipient) or Recipient()
    return masked_words(words.text, person) if words is not None else MaskedWords()


def patient(reading: Reading, order_id: str, prescription_id: str) -> PrescriptionPerson:
    """Whole: the one record that leaves here unmasked, to be compared with the prescription by whoever reviews it or
    gives out its goods. No document, list or log takes it."""
    name = prescription_record(prescription_id)
    return _opened(reading, order_id, name, PrescriptionPerson) or PrescriptionPerson()


def masked(person: Recipient) -> MaskedRecipient:
    remark = masking.without_number(person.remark, person.backup_phone)
    return MaskedRecipient(person.name, person.phone, remark)


def masked_words(text: str, person: Recipient) -> MaskedWords:
    for number in (person.phone, person.backup_phone):
        text = masking.without_number(text, number)
    return MaskedWords(masking.without_name(text, person.name))


def key_of(tx: Transaction, order_id: str) -> bytes:
    """What seals everything about this order; made when it is first needed."""
    return known_key(tx, order_id) or _make_key(tx, order_id)


def known_key(reading: Reading, order_id: str) -> bytes | None:
    """None once the order's person was erased. Raises SealBroken for another master key."""
    row = reading.db.execute("SELECT wrapped FROM personal_keys WHERE order_id = ?", (order_id,)).fetchone()
    return None if row is None else reading.vault.unwrap(row["wrapped"], order_id)


def _opened(reading: Reading, order_id: str, name: str, kind: type[T]) -> T | None:
    """One record; None as well when it was erased or does not open, so that the work goes on without it."""
    row = reading.db.execute("SELECT sealed FROM personal WHERE order_id = ? AND name = ?", (order_id, name)).fetchone()
    try:
        key = known_key(reading, order_id) if row is not None else None
        return msgspec.json.decode(unseal(key, row["sealed"], f"{order_id}/{name}"), type=kind) if key else None
    except (SealBroken, msgspec.MsgspecError) as error:
        log.error("a personal record of order %s cannot be read: %s", order_id, type(error).__name__)
        return None


def _make_key(tx: Transaction, order_id: str) -> bytes:
    wrapped = tx.vault.new_key(order_id, tx.randomness)
    tx.db.execute("INSERT INTO personal_keys (order_id, wrapped) VALUES (?, ?)", (order_id, wrapped))
    return tx.vault.unwrap(wrapped, order_id)

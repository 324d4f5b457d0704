"""What is known of people, sealed at rest. It leaves here whole for nobody, masked for paper and page.

The masked types are what documents and lists accept, so that a full name or number cannot reach them
(facts/compliance.md R16).
"""

import logging
import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from agent.errors import SealBroken
from agent.transactions import Reading, Transaction
from agent.vault import seal, unseal
from domain import masking
from domain.personal import Personal, PersonalName, Recipient, Rider, Words, refund_reason

log = logging.getLogger(__name__)
T = TypeVar("T")


class MaskedRecipient(msgspec.Struct, frozen=True):
    name: str = ""
    phone: str = ""
    """A platform's privacy number whole, any other number starred."""
    remark: str = ""


class MaskedRider(msgspec.Struct, frozen=True):
    name: str = ""
    phone: str = ""


def keep(tx: Transaction, records: Iterable[Personal]) -> None:
    """Seals what came beside an event; a newer record of the same name replaces the older."""
    for record in records:
        key = _key(tx, record.order_id) or _make_key(tx, record.order_id)
        sealed = seal(key, bytes(record.body), f"{record.order_id}/{record.name}", tx.randomness)
        tx.db.execute(
            "INSERT INTO personal (order_id, name, sealed) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
            (record.order_id, record.name, sealed),
        )


def erase(tx: Transaction, order_id: str) -> None:
    """Without the key the records are noise, wherever copies of them lie."""
    tx.db.execute("DELETE FROM personal_keys WHERE order_id = ?", (order_id,))
    tx.db.execute("DELETE FROM personal WHERE order_id = ?", (order_id,))


def recipient(reading: Reading, order_id: str) -> MaskedRecipient:
    found = _opened(reading, order_id, PersonalName.RECIPIENT, Recipient)
    return masked(found) if found is not None else MaskedRecipient()


def rider(reading: Reading, order_id: str) -> MaskedRider:
    found = _opened(reading, order_id, PersonalName.RIDER, Rider)
    return MaskedRider(masking.name(found.name), masking.phone(found.phone)) if found is not None else MaskedRider()


def reason(reading: Reading, order_id: str, refund_id: str) -> str:
    """Why a refund was asked for, without phone numbers and without the recipient's name."""
    words = _opened(reading, order_id, refund_reason(refund_id), Words)
    person = _opened(reading, order_id, PersonalName.RECIPIENT, Recipient) or Recipient()
    return _without(words.text, person) if words is not None else ""


def masked(person: Recipient) -> MaskedRecipient:
    return MaskedRecipient(
        name=masking.name(person.name), phone=masking.phone(person.phone), remark=_without(person.remark, person)
    )


def _without(text: str, person: Recipient) -> str:
    """People sign their remarks and put numbers into them, with blanks and hyphens between the digits."""
    for number in (person.phone, person.backup_phone):
        digits = re.sub(r"\D", "", number)
        if len(digits) >= 7 and not masking.is_privacy_number(number):
            text = re.sub(r"[\s-]*".join(digits), f"{digits[:3]}****{digits[-4:]}", text)
    name = person.name.strip()
    if len(name) > 1:
        text = text.replace(name, masking.name(name))
    return masking.text(text)


def _opened(reading: Reading, order_id: str, name: str, kind: type[T]) -> T | None:
    """One record; None as well when it was erased or does not open, so that the work goes on without it."""
    row = reading.db.execute("SELECT sealed FROM personal WHERE order_id = ? AND name = ?", (order_id, name)).fetchone()
    try:
        key = _key(reading, order_id) if row is not None else None
        return msgspec.json.decode(unseal(key, row["sealed"], f"{order_id}/{name}"), type=kind) if key else None
    except (SealBroken, msgspec.MsgspecError) as error:
        log.error("a personal record of order %s cannot be read: %s", order_id, type(error).__name__)
        return None


def _key(reading: Reading, order_id: str) -> bytes | None:
    row = reading.db.execute("SELECT wrapped FROM personal_keys WHERE order_id = ?", (order_id,)).fetchone()
    return None if row is None else reading.vault.unwrap(row["wrapped"], order_id)


def _make_key(tx: Transaction, order_id: str) -> bytes:
    wrapped = tx.vault.new_key(order_id, tx.randomness)
    tx.db.execute("INSERT INTO personal_keys (order_id, wrapped) VALUES (?, ?)", (order_id, wrapped))
    return tx.vault.unwrap(wrapped, order_id)

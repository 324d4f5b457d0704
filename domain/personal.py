"""What is known of a person. It lives in one table per side, sealed under a key of the order, and travels beside
events, never in them: erasing the key erases the person and breaks no log and no chain of hashes (design.md §5)."""

from enum import StrEnum

import msgspec


class PersonalName(StrEnum):
    """What a record is of its order; a refund's reason is `refund:REFUND_ID`."""

    RECIPIENT = "recipient"
    RIDER = "rider"


class Recipient(msgspec.Struct, frozen=True):
    """As the channel gave it, unmasked; `domain.masking` says what may be shown."""

    name: str = ""
    phone: str = ""
    backup_phone: str = ""
    address: str = ""
    remark: str = ""
    """The customer's own words: they may hold anything, phone numbers included."""


class Rider(msgspec.Struct, frozen=True):
    name: str = ""
    phone: str = ""


class Words(msgspec.Struct, frozen=True):
    """Free text that a customer typed, such as the reason of a refund."""

    text: str


class Personal(msgspec.Struct, frozen=True):
    """One record on its way to a store, beside the event that needs it. `body` is one of the above as JSON."""

    order_id: str
    name: str
    body: msgspec.Raw


def refund_reason(refund_id: str) -> str:
    """The name of the record that holds why a refund was asked for."""
    return f"refund:{refund_id}"

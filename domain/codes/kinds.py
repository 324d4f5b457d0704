"""Every kind of code, as a type. What carries a customer or a credential carries no more text than is needed."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import ClassVar

import msgspec


class OrderCode(msgspec.Struct, frozen=True, tag="order"):
    """The code of one of our slips."""

    code: str


class ShelfCode(msgspec.Struct, frozen=True, tag="shelf"):
    """The code of a shelf (货位): its name as the store wrote it."""

    shelf: str


class BadgeCode(msgspec.Struct, frozen=True, tag="badge"):
    """A colleague's card. A credential: `code` goes into `domain.staff.badge_digest` and nowhere else, and the scan
    is kept as the colleague's id, never as what was read."""

    code: str


class Command(StrEnum):
    """What a card says instead of a key."""

    UNDO = "YZ-UNDO"
    NEXT = "YZ-NEXT"
    """Take the next order."""
    DONE = "YZ-DONE"
    """Pack, or hand over, what is open."""
    OUT = "YZ-OUT"
    """Sign out."""


class CommandCode(msgspec.Struct, frozen=True, tag="command"):
    command: Command


class Part(StrEnum):
    """The three codes of the set-up sheet, each of which shows a fault of its own."""

    DIGITS = "digits"
    LETTERS = "letters"
    SEPARATORS = "separators"


class TestCode(msgspec.Struct, frozen=True, tag="test"):
    """A code of the set-up sheet (`domain.scanner_sheet`), well read or not: never a pack."""

    __test__: ClassVar[bool] = False  # no test for pytest to collect

    part: Part


class PaymentCode(msgspec.Struct, frozen=True, tag="payment"):
    """A customer's WeChat or Alipay payment code. It is recognised so that it is never kept: it carries no text."""


class InsuranceCode(msgspec.Struct, frozen=True, tag="insurance"):
    """Who the customer is: a 医保电子凭证 or an identity card. Never kept: it carries no text."""


class TraceCode(msgspec.Struct, frozen=True, tag="trace"):
    """药品追溯码 of 20 digits. It has no public check digit: only length, prefix and uniqueness can be judged here."""

    code: str

    @property
    def prefix(self) -> str:
        """药品标识码: says product and pack, never the lot."""
        return self.code[:7]

    @property
    def usual(self) -> bool:
        """As 码上放心 gives them out; any other wants the product confirmed (facts/compliance.md §7 R2)."""
        return self.code.startswith("8")

    @property
    def special(self) -> bool:
        """特药: special-control drugs (facts/compliance.md §1.1)."""
        return self.code.startswith("89")


class Gs1Reading(msgspec.Struct, frozen=True):
    """What one way to read a GS1 message says of the pack."""

    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    """The last day on which it may be sold."""
    produced: date | None = None
    month_only: bool = False
    """The pack tells the month of expiry only; `expiry` is that month's last day."""


class Gs1Code(msgspec.Struct, frozen=True, tag="gs1"):
    """A GS1 message that names a product; `gtin` has 14 digits.

    Scanners that type swallow the separators that end a lot or a serial. `others` are the further ways to read the same
    text, had that happened; what they do not agree about is not sure, and must not be taken for a fact."""

    gtin: str
    serial: str | None = None
    lot: str | None = None
    expiry: date | None = None
    produced: date | None = None
    month_only: bool = False
    lot_sure: bool = True
    serial_sure: bool = True
    others: tuple[Gs1Reading, ...] = ()

    @property
    def code(self) -> str | None:
        """What makes this pack unique. None without a serial (21), and where it is not sure."""
        return f"{self.gtin}/{self.serial}" if self.serial is not None and self.serial_sure else None

    @property
    def readings(self) -> tuple[Gs1Reading, ...]:
        """As it stands first, then every other way."""
        return (Gs1Reading(self.lot, self.serial, self.expiry, self.produced, self.month_only), *self.others)

    @property
    def other_lots(self) -> tuple[str, ...]:
        lots = dict.fromkeys(other.lot for other in self.others)
        return tuple(lot for lot in lots if lot is not None and lot != self.lot)

    def lot_among(self, known: Collection[str]) -> str | None:
        """The lot, decided by those that the store knows of this product and spelled as it knows it. None where no
        way to read it, or more than one, gives a known lot. CapsLock turns a lot's case, so case does not count."""
        spelled = {lot.casefold(): lot for lot in known}
        read = {reading.lot for reading in self.readings if reading.lot is not None}
        found = read & set(known) or {spelled[lot.casefold()] for lot in read if lot.casefold() in spelled}
        return found.pop() if len(found) == 1 else None

    def settled(self, known: Collection[str]) -> "Gs1Code":
        """This code once `lot_among` has decided: what every way to read it with that lot agrees about is sure."""
        lot = self.lot_among(known)
        if lot is None:
            return self
        agreed = [each for each in self.readings if each.lot is not None and each.lot.casefold() == lot.casefold()]
        first = agreed[0]
        one_serial = all(each.serial == first.serial for each in agreed)
        one_expiry = all((each.expiry, each.month_only) == (first.expiry, first.month_only) for each in agreed)
        return Gs1Code(
            gtin=self.gtin,
            serial=first.serial if one_serial else None,
            lot=lot,
            expiry=first.expiry if one_expiry else None,
            produced=first.produced if all(each.produced == first.produced for each in agreed) else None,
            month_only=first.month_only and one_expiry,
            serial_sure=one_serial,
        )


class UdiCode(msgspec.Struct, frozen=True, tag="udi"):
    """A device's MA code (`MA.156.M0.…`), kept whole: its inner delimiters follow no tested parser
    (facts/compliance.md §1.4), so it is not known whether it names one pack or a kind of pack."""

    text: str


class ProductBarcode(msgspec.Struct, frozen=True, tag="barcode"):
    """The retail barcode (69-code): says the product, not the pack."""

    code: str


class LinkCode(msgspec.Struct, frozen=True, tag="link"):
    """The code in a web address of an allow-listed host. The address itself is never fetched."""

    host: str
    code: str


class MakerCode(msgspec.Struct, frozen=True, tag="maker"):
    """A text that follows no standard we know: a maker's own code, of use only for products that are known to carry
    such. `cut` is the sentence for all others where it looks like a trace code that lost or gained digits."""

    text: str
    cut: str = ""


class Unreadable(msgspec.Struct, frozen=True, tag="unreadable"):
    """`why` is the sentence the clerk reads."""

    text: str
    why: str


OwnCode = OrderCode | ShelfCode | BadgeCode | CommandCode | TestCode
CustomerCode = PaymentCode | InsuranceCode
"""Never stored, in no form."""
PackCode = TraceCode | Gs1Code | UdiCode | ProductBarcode | LinkCode | MakerCode
Code = OwnCode | CustomerCode | PackCode | Unreadable


def unique_part(code: Code) -> str | None:
    """What tells this pack from every other; a product barcode and a device's code have none."""
    match code:
        case TraceCode() | Gs1Code():
            return code.code
        case LinkCode():
            return f"{code.host}/{code.code}"
        case MakerCode():
            return code.text
        case _:
            return None

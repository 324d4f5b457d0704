"""How a chain wants its slips: what may be adjusted, and what may not. The defaults are how slips look without it.

What the law wants on a sale voucher (name, maker, quantity, price, lot, spec: facts/compliance.md §4) is no `Field`:
nobody can leave it out.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from domain.slips import SlipKind

LARGEST_LOGO = 64 * 1024
LARGEST_LOGO_SIDE = 2_000
_PNG = b"\x89PNG\r\n\x1a\n"

Wording = Annotated[str, msgspec.Meta(max_length=400)]
"""A newline in it begins a new line on the paper."""


class Field(StrEnum):
    """A part of a slip that a chain may leave out."""

    STORE = "store"
    PLACED = "placed"
    PERSON = "person"
    REMARK = "remark"
    SHELF = "shelf"
    SUGGESTED_LOT = "suggested_lot"
    TRACE_CODES = "trace_codes"
    BARS = "bars"
    QR = "qr"
    REASON = "reason"
    USAGE = "usage"
    STATES = "states"
    SCANS = "scans"


FIELDS: dict[SlipKind, tuple[Field, ...]] = {
    SlipKind.PICKING: (
        *(Field.STORE, Field.PLACED, Field.SHELF, Field.SUGGESTED_LOT, Field.REMARK, Field.PERSON),
        *(Field.BARS, Field.QR),
    ),
    SlipKind.CUSTOMER: (Field.TRACE_CODES, Field.REMARK, Field.PERSON, Field.BARS, Field.QR),
    SlipKind.REFUND: (Field.STORE, Field.REASON, Field.SHELF),
    SlipKind.STOP: (Field.SHELF,),
    SlipKind.PRESCRIPTION: (Field.STORE, Field.USAGE),
    SlipKind.SHIFT: (Field.STORE, Field.STATES, Field.SCANS),
}
"""What of each kind may be left out. The test slip is no document of the chain's."""

USUALLY = (SlipKind.PICKING, SlipKind.CUSTOMER, SlipKind.REFUND, SlipKind.STOP)
"""Kinds that print by themselves where nobody said otherwise."""
AUTOMATIC = (*USUALLY, SlipKind.PRESCRIPTION)
"""Kinds that can."""


class BadTemplate(ValueError):
    """The message says what and where."""


class SlipTemplate(msgspec.Struct, frozen=True):
    """`header` and `footer` are the chain's own words; `number_size` and `line_size` magnify what riders shout and the
    goods. `discreet`: what strangers may see of this paper says neither what was bought nor in what kind of shop."""

    header: Wording = ""
    footer: Wording = ""
    logo: bool = False
    without: tuple[Field, ...] = ()
    number_size: Annotated[int, msgspec.Meta(ge=1, le=4)] = 3
    line_size: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    discreet: bool = False

    def shows(self, field: Field) -> bool:
        return field not in self.without


class SlipTemplates(msgspec.Struct, frozen=True):
    """`logo` is a PNG; it is drawn in black and white on the kinds that want it. `automatic` print by themselves."""

    picking: SlipTemplate = SlipTemplate()
    customer: SlipTemplate = SlipTemplate(discreet=True)
    refund: SlipTemplate = SlipTemplate()
    stop: SlipTemplate = SlipTemplate()
    prescription: SlipTemplate = SlipTemplate()
    shift: SlipTemplate = SlipTemplate()
    logo: bytes = b""
    automatic: tuple[SlipKind, ...] = USUALLY

    def of(self, kind: SlipKind) -> SlipTemplate:
        """A kind without a template of its own (the test slip) has the plain one."""
        template = getattr(self, kind.value, None)
        return template if isinstance(template, SlipTemplate) else SlipTemplate()

    def __post_init__(self) -> None:
        """Raises BadTemplate, or ValidationError when it is decoded."""
        _check_logo(self.logo)
        for kind, fields in FIELDS.items():
            if wrong := [field for field in self.of(kind).without if field not in fields]:
                raise BadTemplate(f"{kind}: {', '.join(wrong)} cannot be left out of it")
        if wrong_kinds := [kind for kind in self.automatic if kind not in AUTOMATIC]:
            raise BadTemplate(f"{', '.join(wrong_kinds)}: does not print by itself")


def _check_logo(png: bytes) -> None:
    """What can be told without drawing it; the width and height stand in a PNG's first chunk."""
    if not png:
        return
    if len(png) > LARGEST_LOGO:
        raise BadTemplate(f"logo: {len(png)} bytes, at most {LARGEST_LOGO}")
    if png[:8] != _PNG or png[12:16] != b"IHDR":
        raise BadTemplate("logo: not a PNG")
    sides = [int.from_bytes(png[at : at + 4]) for at in (16, 20)]
    if not all(0 < side <= LARGEST_LOGO_SIDE for side in sides):
        raise BadTemplate(f"logo: {sides[0]} × {sides[1]} dots, at most {LARGEST_LOGO_SIDE} each way")

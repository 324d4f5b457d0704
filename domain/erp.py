"""What the chain's ERP tells us and what we tell it (design.md §8: by default it is the book of record).

In come *feeds*: what was sold over its counter, what it says is on the shelf, what it received. Each has the ERP's own
`document_id`, by which it counts once, and its own order: a `sequence` that grows with each of its bookings (a journal
number, or its time in milliseconds). A count names what it contains of both sides; `domain.erp_stock` has the rule.

Out go *documents*: everything by which this store changed its stock, numbered upwards per store, so that a count can
say "up to this number".
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from domain.lots import Lot
from domain.money import Fen
from domain.quantity import Quantity
from domain.times import Millis

Sequence = int
"""The ERP's own order of its bookings; we only compare."""

DocumentNumber = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""Of our documents, as the ERP says it: none is larger than what the data files keep."""

MOST_LEVELS = 40
"""In one operation: a longer count is told in parts."""


class ErpSaleLine(msgspec.Struct, frozen=True, omit_defaults=True):
    sku: str
    quantity: Quantity
    lot: str = ""
    codes: tuple[str, ...] = ()
    """Trace codes: from now on no order may have them."""


class ErpSale(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sold at the ERP's counter. `returned`: brought back there; that raises nothing here before a count says so (a
    medicine that was sold is not sold again, facts/compliance.md R13)."""

    document_id: str
    sequence: Sequence
    lines: tuple[ErpSaleLine, ...]
    returned: bool = False
    at: Millis | None = None


class ErpLevel(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may be sold of one product, quarantine left out. `lots` None: the ERP said nothing of them."""

    sku: str
    on_hand: Quantity
    lots: tuple[Lot, ...] | None = None


class ErpCount(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stock level feed of some or all products.

    `as_of`: every booking of the ERP's own with a lower sequence is contained (a time: when reading began; a journal
    number: the next one to be given). `contains`: the highest number of our documents that it had booked, 0 for none;
    None: it cannot say, and then the count only ever lowers what is sellable.
    """

    document_id: str
    as_of: Sequence
    levels: tuple[ErpLevel, ...]
    contains: int | None = None


class ErpReceiptLine(msgspec.Struct, frozen=True, omit_defaults=True):
    sku: str
    quantity: Quantity
    lot: str = ""
    expiry: date | None = None
    produced: date | None = None
    month_only: bool = False
    codes: tuple[str, ...] = ()


class ErpReceipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """Goods came into the store, as the ERP booked them."""

    document_id: str
    sequence: Sequence
    lines: tuple[ErpReceiptLine, ...]
    supplier: str = ""


ErpFeed = ErpSale | ErpCount | ErpReceipt
FEED_KIND: dict[type[ErpFeed], str] = {ErpSale: "sale", ErpCount: "count", ErpReceipt: "receipt"}
"""As both data files name them: an id counts once within its kind."""


def skus_of(feed: ErpFeed) -> frozenset[str]:
    """The products that it tells of."""
    return frozenset(each.sku for each in (feed.levels if isinstance(feed, ErpCount) else feed.lines))


class DocumentKind(StrEnum):
    SALE = "sale"
    RETURN = "return"
    """A customer brought it back: into quarantine, not to be sold again."""
    PUT_BACK = "put_back"
    """The order ended after it was packed: its packs stand on the shelf again."""
    EXCHANGE = "exchange"
    """Back and out in one document."""
    ADJUSTMENT = "adjustment"
    """Counted, damaged, destroyed, received: what the store booked itself."""


class Way(StrEnum):
    """What a line did to what may be sold."""

    OUT = "out"
    IN = "in"
    APART = "apart"
    """Came back into quarantine: changes nothing of it."""


class ErpDocumentLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """`quantity` is positive, `price` that of one unit. `lot` is empty where nobody said which."""

    sku: str
    way: Way
    quantity: Quantity
    price: Fen = 0
    lot: str = ""
    expiry: date | None = None
    month_only: bool = False
    codes: tuple[str, ...] = ()

    @property
    def effect(self) -> Quantity:
        """On what may be sold."""
        return {Way.OUT: -self.quantity, Way.IN: self.quantity, Way.APART: 0}[self.way]


class ErpDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """`document_id` never changes: by it the ERP books once, however often it is handed over. `number` grows with each
    document of the store (headquarters counts them over all its stores); one that was refused and is handed over anew
    has a new one, so that "contains all up to N" stays true. Numbers may leave gaps."""

    number: int
    document_id: str
    kind: DocumentKind
    at: Millis
    lines: tuple[ErpDocumentLine, ...]
    order_id: str = ""
    channel: str = ""
    channel_order_id: str = ""
    shown_id: str = ""
    reason: str = ""
    staff_id: str = ""
    store: str = ""

    @property
    def effects(self) -> dict[str, Quantity]:
        """On what may be sold, by product."""
        sums: dict[str, Quantity] = {}
        for line in self.lines:
            sums[line.sku] = sums.get(line.sku, 0) + line.effect
        return sums


UNNUMBERED = 0
"""Of a document that a store tells of and headquarters hands over, which gives it its number."""


class DocumentState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    """The ERP has it; whether it booked it, nobody knows yet."""
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """With a reason. The goods are gone all the same: no count contains it, however high its number."""
    SETTLED = "settled"
    """A person booked it in the ERP by hand."""


OWED = frozenset({DocumentState.WAITING, DocumentState.DELIVERED})
"""Still to be handed over, again and again."""
LONGEST_REASON = 200
"""Of a refusal, a settlement or the ERP's own number; what is longer is cut."""
NO_REASON = "ERP 未说明原因"

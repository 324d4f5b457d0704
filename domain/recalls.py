"""What may not be sold for the time being: recalls and stop-sales (药品管理法 §82, facts/compliance.md §4)."""

from enum import StrEnum

import msgspec

from domain.lots import same_lot
from domain.times import Millis


class RecallKind(StrEnum):
    RECALL = "recall"
    STOP_SALE = "stop_sale"


class Recall(msgspec.Struct, frozen=True):
    """`lots` empty: every lot of the product. Ended, it stops nothing any more."""

    recall_id: str
    kind: RecallKind
    sku: str
    lots: tuple[str, ...]
    reason: str
    since: Millis
    ended: bool = False

    def hits(self, sku: str, lot: str | None) -> bool:
        """A pack whose lot nobody knows yet is not hit by a recall of some lots: its lot must be read first."""
        return not self.ended and sku == self.sku and (not self.lots or _same(lot, self.lots))

    def may_hit(self, sku: str, lot: str | None) -> bool:
        """Whether it would, if the unknown lot were one of those."""
        return self.hits(sku, lot) or (not self.ended and sku == self.sku and lot is None)


def _same(lot: str | None, lots: tuple[str, ...]) -> bool:
    return lot is not None and any(same_lot(lot, each) for each in lots)

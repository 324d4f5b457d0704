"""Picking one order: a state machine and the judgement of each scan, both pure (design.md §8).

A scan is a fact; whether it may move the pick is decided here, from what the store knows and nothing else, so that it
works with the line cut. Every verdict names its rule (facts/compliance.md §7).
"""

from datetime import date
from enum import StrEnum

import msgspec

from domain.codes import Code, Gs1Code, OrderCode, PaymentCode, TraceCode, Unreadable
from domain.lots import LotSource
from domain.orders import OrderLine
from domain.policy import Waiver
from domain.quantity import ONE, Quantity


class PickState(StrEnum):
    ASSIGNED = "assigned"
    """To be picked by this store; nobody has begun, or whoever had gave it back."""
    PICKING = "picking"
    PAUSED = "paused"
    CHECKED = "checked"
    """What lies there is what was ordered: by the rules, and by a second person where the chain wants one."""
    PACKED = "packed"
    """In the bag: its codes are sold and headquarters is told."""
    HANDED_OVER = "handed_over"
    STOPPED = "stopped"


MOVES: dict[PickState, frozenset[PickState]] = {
    PickState.ASSIGNED: frozenset({PickState.PICKING, PickState.PAUSED, PickState.STOPPED}),
    PickState.PICKING: frozenset({PickState.ASSIGNED, PickState.PAUSED, PickState.CHECKED, PickState.STOPPED}),
    PickState.PAUSED: frozenset({PickState.ASSIGNED, PickState.PICKING, PickState.STOPPED}),
    PickState.CHECKED: frozenset({PickState.PICKING, PickState.PAUSED, PickState.PACKED, PickState.STOPPED}),
    PickState.PACKED: frozenset({PickState.HANDED_OVER, PickState.STOPPED}),
    PickState.HANDED_OVER: frozenset({PickState.STOPPED}),
    PickState.STOPPED: frozenset(),
}


class IllegalPickMove(ValueError):
    """Somebody asked for a step that the table does not have."""

    def __init__(self, current: PickState, wanted: PickState) -> None:
        super().__init__(f"a pick that is {current} cannot become {wanted}")
        self.current, self.wanted = current, wanted


def move(current: PickState, wanted: PickState) -> PickState:
    """Raises `IllegalPickMove`."""
    if wanted not in MOVES[current]:
        raise IllegalPickMove(current, wanted)
    return wanted


class Rule(StrEnum):
    """Which rule spoke; the ids are those of facts/compliance.md §7 where it has one."""

    TAKEN = "ok"
    UNREADABLE = "R2"
    WRONG_PRODUCT = "R3-product"
    UNKNOWN_PREFIX = "R3-unknown"
    TWICE_HERE = "R5-order"
    BOUND_ELSEWHERE = "R5-bound"
    SOLD_BEFORE = "R5-sold"
    ENOUGH = "R6-count"
    PAUSED = "paused"
    STOPPED = "stopped"
    NOT_PICKING = "not-picking"
    PAYMENT = "payment"


class Entry(StrEnum):
    """How a pack came onto its line."""

    SCANNED = "scanned"
    TYPED = "typed"
    """Its code was typed by hand, twice: it has no public check digit (facts/compliance.md R12)."""
    WAIVED = "waived"
    """No readable code; `Binding.waiver` says why."""
    BY_HAND = "by_hand"
    """A product nobody taught us: the clerk's word for it."""


class Binding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One pack put to one line. `code` is None where the pack was known by its product barcode only."""

    line_id: int
    code: str | None
    quantity: Quantity
    lot: str | None = None
    lot_source: LotSource | None = None
    """None with a lot of None: nobody said. A proposal is never stored as a fact."""
    expiry: date | None = None
    month_only: bool = False
    entry: Entry = Entry.SCANNED
    waiver: Waiver | None = None
    photo: str = ""
    """Digest of the blob that shows a waived pack."""
    opened: bool = False
    """A part of an opened pack (拆零): its code may be bound again until it is empty."""
    staff_id: str = ""


class Pick(msgspec.Struct, frozen=True):
    """The work of collecting one order."""

    order_id: str
    state: PickState
    lines: tuple[OrderLine, ...]
    bindings: tuple[Binding, ...] = ()

    def picked(self, line_id: int) -> Quantity:
        return sum(binding.quantity for binding in self.bindings if binding.line_id == line_id)

    def missing(self, line: OrderLine) -> Quantity:
        return max(line.wanted - self.picked(line.line_id), 0)

    def surplus(self) -> dict[int, Quantity]:
        """Packs to put back, by line: a line was struck after it was picked."""
        over = {line.line_id: self.picked(line.line_id) - line.wanted for line in self.lines}
        return {line_id: quantity for line_id, quantity in over.items() if quantity > 0}

    @property
    def whole(self) -> bool:
        """Every line has what it wants, no more and no less."""
        return not self.surplus() and all(self.missing(line) == 0 for line in self.lines)


class Sighting(msgspec.Struct, frozen=True):
    """What this store knows of a code at the moment it was read."""

    skus: frozenset[str]
    """The products it may be; empty when nobody taught us its prefix or barcode."""
    bound_to: str | None = None
    """Another order of this store that holds it."""
    sold_at: str | None = None
    """When this store sold it, as the clerk reads it."""


class Verdict(msgspec.Struct, frozen=True):
    """The answer to one scan, committed before the beep."""

    rule: Rule
    sentence: str
    line_id: int | None = None

    @property
    def good(self) -> bool:
        return self.rule is Rule.TAKEN


NOT_OURS = Verdict(Rule.PAYMENT, "这是顾客的付款码，没有记录，请到收银台使用")


def judge(pick: Pick, code: Code, sighting: Sighting) -> Verdict:
    """Says whether this scan moves this pick; changes nothing."""
    if isinstance(code, PaymentCode):
        return NOT_OURS
    if (refusal := _not_now(pick)) is not None:
        return refusal
    if isinstance(code, Unreadable):
        return Verdict(Rule.UNREADABLE, code.why)
    if isinstance(code, OrderCode):
        return Verdict(Rule.UNREADABLE, "这是订单码，请扫描药品")
    if (refusal := _used(pick, unique_part(code), sighting)) is not None:
        return refusal
    return _line_for(pick, code, sighting)


def take(pick: Pick, verdict: Verdict, code: Code) -> Pick:
    """The pick after a good verdict: one more pack on its line."""
    if not verdict.good or verdict.line_id is None:
        return pick
    lot = code.lot if isinstance(code, Gs1Code) else None
    binding = Binding(verdict.line_id, unique_part(code), ONE, lot, LotSource.GS1 if lot else None)
    return msgspec.structs.replace(pick, bindings=(*pick.bindings, binding))


def unique_part(code: Code) -> str | None:
    """What tells this pack from every other; a product barcode has none."""
    if isinstance(code, TraceCode | Gs1Code):
        return code.code
    return None


def _not_now(pick: Pick) -> Verdict | None:
    if pick.state is PickState.STOPPED:
        return Verdict(Rule.STOPPED, "订单已取消，停止拣货")
    if pick.state is PickState.PAUSED:
        return Verdict(Rule.PAUSED, "顾客申请退款，请先处理")
    if pick.state is not PickState.PICKING:
        return Verdict(Rule.NOT_PICKING, "本单不在拣货中")
    return None


def _used(pick: Pick, unique: str | None, sighting: Sighting) -> Verdict | None:
    if unique is None:
        return None
    if any(binding.code == unique for binding in pick.bindings):
        return Verdict(Rule.TWICE_HERE, "这个追溯码本单已经扫过")
    if sighting.sold_at is not None:
        return Verdict(Rule.SOLD_BEFORE, f"该追溯码已于 {sighting.sold_at} 售出，请换一盒并报告店长")
    if sighting.bound_to is not None:
        return Verdict(Rule.BOUND_ELSEWHERE, "该追溯码已用于另一张订单，请换一盒")
    return None


def _line_for(pick: Pick, code: Code, sighting: Sighting) -> Verdict:
    lines = [line for line in pick.lines if line.sku is not None and line.sku in sighting.skus]
    if not lines:
        if sighting.skus:
            return Verdict(Rule.WRONG_PRODUCT, "不是本订单的商品")
        what = "追溯码前缀" if isinstance(code, TraceCode) else "商品条码"
        return Verdict(Rule.UNKNOWN_PREFIX, f"{what}未建档，请核对商品")
    for line in lines:
        if pick.missing(line) >= ONE:
            return Verdict(Rule.TAKEN, f"{line.name} 已拣", line.line_id)
    return Verdict(Rule.ENOUGH, f"{lines[0].name} 数量已够，请勿多拿", lines[0].line_id)

"""What was scanned, judged and kept: the scan, its verdict and its effect in one transaction, before any sound.

Which pick a scan belongs to: the one it names, else the one in front of its station (`agent.picking.desks`), else the
only one in work, else the only waiting order that wants the product. A scanner alone is enough: the code of a slip
opens its pick, and the last pack completes it.
"""

from contextlib import suppress
from dataclasses import dataclass

import msgspec

from agent import announcements, completing, orders, picks, store, trail
from agent.catalogue import Lookup
from agent.errors import WorkRefused
from agent.picking import asks, cards, code_lots, desks, holding, learning, opened, shortage
from agent.picking.cards import Did
from agent.picking.codes import understood
from agent.picking.refusals import verdict_of
from agent.picking.terms import known, terms
from agent.staff import stations
from agent.transactions import Transaction
from domain.codes import (
    BadgeCode,
    Code,
    CustomerCode,
    InsuranceCode,
    OwnCode,
    PackCode,
    ProductBarcode,
    TestCode,
    Unreadable,
    unique_part,
)
from domain.lots import KnownLot
from domain.orders import Order
from domain.picks import Binding, Entry, Pick, PickState
from domain.rules import VERSION, Ask, Case, Known, Obstacle, Rule, Verdict, book, judge, take
from domain.staff import Actor
from domain.times import SECOND, Millis
from domain.trail import StepKind

PAGE = stations.PAGE
"""Where it is done, while a page does not say which it is."""
JUST_NOW: Millis = 5 * SECOND


class Scanned(msgspec.Struct, frozen=True):
    """The answer to one scan. `order_id` is the order it was judged for, None when there was none."""

    scan_id: int | None
    """None for what a customer shows: nothing of it is kept."""
    code: Code
    verdict: Verdict
    order_id: str | None
    did: Did = Did.NOTHING
    said: str = ""
    """What the page shows of the code: of a badge its owner's name, never its text."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One scan on its way: what was read, where, by whom, and whether a hand typed it."""

    tx: Transaction
    raw: bytes
    at: Millis
    actor: Actor
    lookup: Lookup
    typed: bool

    def write_down(self, order_id: str | None, verdict: Verdict, raw: bytes | None = None) -> int:
        row = self.tx.db.execute(
            "INSERT INTO scans (raw, device, read_at, judged_at, order_id, rule, sentence, line_id, staff_id, rules)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING scan_id",
            (
                self.raw if raw is None else raw,
                self.actor.station,
                self.at,
                self.tx.now,
                order_id,
                verdict.rule,
                verdict.sentence,
                verdict.line_id,
                self.actor.staff_id,
                VERSION,
            ),
        ).fetchone()
        return int(row["scan_id"])


def scan(
    tx: Transaction,
    raw: bytes,
    device: str,
    lookup: Lookup,
    *,
    read_at: Millis | None = None,
    order_id: str | None = None,
    typed: bool = False,
) -> Scanned:
    """Every scan has a verdict and, but for customers' codes, a row. `device` is the station; `order_id` what the page
    shows; `typed` by hand, not by a scanner that types."""
    code = understood(tx, raw.decode("utf-8", "replace"), device, lookup)
    if isinstance(code, CustomerCode):
        rule = Rule.INSURANCE if isinstance(code, InsuranceCode) else Rule.PAYMENT
        return Scanned(None, code, book.verdict(rule), None)
    read = _Read(tx, raw, tx.now if read_at is None else read_at, stations.actor(tx, device), lookup, typed)
    if isinstance(code, BadgeCode):
        return _badge(read, code, order_id)
    try:
        stations.worker(tx, device)
    except WorkRefused as refusal:
        return Scanned(read.write_down(None, verdict_of(refusal)), code, verdict_of(refusal), None)
    if isinstance(code, OwnCode) and not isinstance(code, TestCode):
        return _card(read, code, order_id)
    return _pack(read, code, order_id)


def _badge(read: _Read, code: BadgeCode, order_id: str | None) -> Scanned:
    """A credential: the row keeps whose it was, never what was read."""
    done = cards.badge(read.tx, code, read.actor, read.lookup, order_id)
    scan_id = read.write_down(done.order_id, done.verdict, f"staff:{done.staff_id}".encode()) if done.staff_id else None
    return Scanned(scan_id, code, done.verdict, done.order_id, done.did, done.said)


def _card(read: _Read, code: OwnCode, order_id: str | None) -> Scanned:
    done = cards.play(read.tx, code, read.actor, read.lookup, order_id)
    scan_id = read.write_down(done.order_id, done.verdict)
    _record(read, done.order_id, scan_id, done.verdict)
    return Scanned(scan_id, code, done.verdict, done.order_id, done.did, done.said)


def _pack(read: _Read, code: PackCode | TestCode | Unreadable, order_id: str | None) -> Scanned:
    """A pack, or something in its place. A question that waits here is answered by it or dropped."""
    tx, place = read.tx, desks.holder(read.tx, read.actor.station)
    waiting, judged_for = asks.at(tx, place), order_id or _at_hand(read, code)
    if waiting is not None and waiting.order_id != judged_for:
        waiting = None
    if waiting is not None and waiting.kind is Ask.PRODUCT and isinstance(code, ProductBarcode):
        return _teach(read, code, waiting)
    asks.drop(tx, place)
    if judged_for is None:
        verdict = book.verdict(Rule.NOT_PICKING)
        return Scanned(read.write_down(None, verdict), code, verdict, None)
    if waiting is None or waiting.kind is not Ask.CODE_AGAIN or not read.typed:
        return _judge(read, judged_for, code)
    typed_before = unique_part(understood(tx, waiting.text, waiting.station, read.lookup))
    return _judge(read, judged_for, code, typed_before=typed_before or "")


def _teach(read: _Read, barcode: ProductBarcode, waiting: asks.Waiting) -> Scanned:
    """The product's own barcode says what the unknown prefix is; then the pack that waited is judged."""
    refusal = learning.by_barcode(read.tx, waiting, barcode, read.actor, read.lookup)
    verdict = refusal or book.verdict(Rule.TAKEN, name="前缀已登记")
    scan_id = read.write_down(waiting.order_id, verdict)
    _record(read, waiting.order_id, scan_id, verdict, code=barcode.code)
    if refusal is not None:
        return Scanned(scan_id, barcode, refusal, waiting.order_id)
    return resume(read.tx, waiting, read.actor, read.lookup)


def resume(tx: Transaction, waiting: asks.Waiting, actor: Actor, lookup: Lookup) -> Scanned:
    """The scan that waited for an answer, judged again now that it has one."""
    asks.drop(tx, waiting.station)
    code = understood(tx, waiting.text, waiting.station, lookup)
    read = _Read(tx, waiting.raw, tx.now, actor, lookup, waiting.typed)
    if not isinstance(code, PackCode):
        raise AssertionError(f"a question waits about a {type(code).__name__}")
    return _judge(read, waiting.order_id, code)


def _judge(read: _Read, order_id: str, code: PackCode | TestCode | Unreadable, *, typed_before: str = "") -> Scanned:
    tx = read.tx
    announcements.seen(tx, order_id)  # the verdict says what has become of the order
    case = _case(read, order_id, code, typed_before)
    verdict = _held_elsewhere(read, case.pick) or shortage.replaced(tx, case, judge(case))
    pick = take(case, verdict, read.actor.staff_id) if verdict.good else None
    missing = completing.obstacles(tx, pick, case.terms) if pick is not None else []
    if pick is not None:
        verdict = msgspec.structs.replace(verdict, sentence=verdict.sentence + _what_follows(missing))
    scan_id = read.write_down(order_id, verdict)
    if pick is None:
        _ask(read, order_id, verdict, scan_id)
        _record(read, order_id, scan_id, verdict, code=unique_part(case.code) or "")
        return Scanned(scan_id, case.code, verdict, order_id)
    binding = pick.bindings[-1]
    _put_in(tx, case, binding, scan_id)
    _record(read, order_id, scan_id, verdict, **_of_pack(binding))
    if not missing:
        completing.complete(tx, order_id, read.lookup, read.actor)
    return Scanned(scan_id, case.code, verdict, order_id, Did.TAKEN if missing else Did.PACKED)


def _case(read: _Read, order_id: str, code: PackCode | TestCode | Unreadable, typed_before: str) -> Case:
    tx = read.tx
    return Case(
        picks.load(tx, order_id),
        code,
        known(tx, order_id, code, read.lookup) if isinstance(code, PackCode) else Known(),
        terms(tx, orders.get(tx, order_id), read.lookup, read.actor.staff_id),
        Entry.TYPED if read.typed else Entry.SCANNED,
        typed_before,
    )


def _held_elsewhere(read: _Read, pick: Pick) -> Verdict | None:
    """Two stations never fill one bag. What lies in front of a scanner was opened there, or on its page."""
    if pick.state is not PickState.PICKING or desks.at(read.tx, read.actor.station) == pick.order_id:
        return None
    try:
        holding.require(read.tx, pick.order_id, read.actor.station)
    except WorkRefused as refusal:
        return verdict_of(refusal)
    return None


def _what_follows(missing: list[Obstacle]) -> str:
    if not missing:
        return "，本单拣货完成"
    return _STILL.get(missing[0].rule, "") if len(missing) == 1 else ""


_STILL = {Rule.CHECK_WANTED: "，已拣齐，请复核", Rule.LOT_WANTED: "，请确认批号"}


def _ask(read: _Read, order_id: str, verdict: Verdict, scan_id: int) -> None:
    """Where the pack does not count before somebody says more. A lot is asked of a pack that lies on its line."""
    if verdict.ask is not None and verdict.ask is not Ask.LOT:
        place = desks.holder(read.tx, read.actor.station)
        asks.put(read.tx, place, order_id, verdict.ask, scan_id=scan_id, line_id=verdict.line_id, typed=read.typed)


def _put_in(tx: Transaction, case: Case, binding: Binding, scan_id: int) -> None:
    order_id = case.pick.order_id
    picks.bind(tx, order_id, binding, scan_id=scan_id)
    sku = next(line.sku for line in case.pick.lines if line.line_id == binding.line_id)
    product = next(product for product in case.known.products if product.sku == sku)
    opened.take(tx, product.sku, product.per_code, binding)
    if binding.code is not None and binding.lot is not None and binding.lot_source is not None:
        lot = KnownLot(binding.lot, binding.lot_source, binding.expiry, None, binding.month_only)
        code_lots.put(tx, binding.code, product.sku, lot)


def _record(read: _Read, order_id: str | None, scan_id: int, verdict: Verdict, **about: object) -> None:
    """Raw bytes as they came, in hexadecimal: what an auditor reads again by the rules of that day."""
    if order_id is not None:
        trail.record(
            read.tx, order_id, StepKind.SCANNED, read.actor, rules=VERSION, scan_id=scan_id, raw=read.raw.hex(),
            read_at=read.at, rule=verdict.rule, line_id=verdict.line_id, **about,
        )  # fmt: skip


def _of_pack(binding: Binding) -> dict[str, object]:
    return {
        "code": binding.code or "",
        "quantity": binding.quantity,
        "lot": binding.lot or "",
        "lot_source": binding.lot_source or "",
        "entry": binding.entry,
        "opened": binding.opened,
    }


def _at_hand(read: _Read, code: PackCode | TestCode | Unreadable) -> str | None:
    """The pick a scan without a name is for. A cancelled one still answers, so that the picker hears of it."""
    tx, skus = read.tx, read.lookup.skus(code)
    order_id = desks.at(tx, read.actor.station)
    if order_id is None:
        order_id, any_at_all = desks.only_one(tx)
        if any_at_all:
            return order_id
    elif not _is_done_with(tx, order_id, skus):
        return order_id
    return _begin_the_only_one(read, skus)


def _is_done_with(tx: Transaction, order_id: str, skus: frozenset[str]) -> bool:
    """Packed; but a pack more of what was just completed belongs to that order, not to the next one that wants it."""
    row = tx.db.execute("SELECT state, completed_at FROM picks WHERE order_id = ?", (order_id,)).fetchone()
    if row["state"] not in (PickState.PACKED, PickState.HANDED_OVER):
        return False
    one_too_many = tx.now - row["completed_at"] < JUST_NOW
    return not (one_too_many and any(line.sku in skus for line in orders.get(tx, order_id).lines))


def _begin_the_only_one(read: _Read, skus: frozenset[str]) -> str | None:
    """Nobody picks, and of all waiting orders just one wants this product: no slip need be scanned for it.
    Where several want it, the slip in the clerk's hand says which."""
    tx = read.tx
    rows = tx.db.execute(
        "SELECT order_id, state FROM picks WHERE state IN ('assigned', 'picking', 'paused')"
    ).fetchall()
    if any(row["state"] != PickState.ASSIGNED for row in rows):
        return None
    waiting = [orders.get(tx, row["order_id"]) for row in rows]
    wanting = [order for order in waiting if any(line.wanted and line.sku in skus for line in order.lines)]
    if len(wanting) != 1 or not _begins(read, wanting[0]):
        return None
    return wanting[0].order_id


def _begins(read: _Read, order: Order) -> bool:
    """An order that may not be picked is named all the same: the verdict says why."""
    if not orders.workable(order, store.identity(read.tx).accept):
        return False
    with suppress(WorkRefused):
        holding.start(read.tx, order, read.actor, read.lookup)
    return True

"""Was anything lost or doubled? What buyers and people were told, against what hub and stores have in the end.

- lost: an order that was answered is not at the hub or not in its store; an operation, a sale, a pack that was heard, a
  handover is not where it must be; a slip lies nowhere and nobody is asked about it; more stock than what left allows.
- doubled: one order, one operation, one pack twice; an operation at the hub that no store's outbox has; less stock than
  what left allows. `slips_doubled`: two unmarked papers alike, or a slip that was issued twice.
- diverged: hub and store tell different things of the same order; a cursor is not at its head; an event was set aside.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from benchmarks.kill_campaign.buyers import Ledger, Wanted
from benchmarks.kill_campaign.chain import COUNTED, ON_HAND, PREFIXES
from benchmarks.kill_campaign.clerk import Clerk
from benchmarks.kill_campaign.ear import Heard
from benchmarks.kill_campaign.records import HubRecords, StoreRecords
from benchmarks.print_faults.paper import Paper
from domain.operations import OperationBody, PickCompleted, SaleRecorded, StockCounted
from domain.quantity import ONE

B = TypeVar("B", bound=OperationBody)

_CANCELLED = "cancelled"
_ASKED_ABOUT = frozenset({"accepted", "held", "not_printed", "sending", "confirming", "unknown"})


@dataclass(slots=True)
class Findings:
    orders: int = 0
    operations: int = 0
    packs: int = 0
    papers: int = 0
    lost: int = 0
    doubled: int = 0
    slips_doubled: int = 0
    diverged: int = 0
    examples: list[str] = field(default_factory=list)

    def count(self, what: str, of: Iterable[object], why: str) -> None:
        for each in of:
            setattr(self, what, getattr(self, what) + 1)
            if len(self.examples) < 40:
                self.examples.append(f"{what}: {why}: {each}")


@dataclass(frozen=True, slots=True)
class Told:
    """What one store's people heard from its computer."""

    store: str
    verdicts: Sequence[Heard]
    sold: set[str]
    handed_over: set[str]

    @classmethod
    def to(cls, clerk: Clerk, store: str, verdicts: Sequence[Heard]) -> "Told":
        return cls(store, verdicts, clerk.sold, clerk.handed_over)


def check(
    wanted: Sequence[Wanted],
    ledger: Ledger,
    hub: HubRecords,
    stores: Sequence[StoreRecords],
    told: Sequence[Told],
    papers: Sequence[Paper],
) -> Findings:
    found = Findings(orders=len(ledger.answered), operations=len(hub.operations))
    _orders(found, wanted, ledger, hub, stores)
    for store, heard in zip(stores, told, strict=True):
        _operations(found, hub, store)
        _packs(found, hub, store, heard)
        _stock(found, wanted, hub, store)
        _deeds(found, hub, store, heard)
        _slips(found, ledger, store)
        _logs(found, hub, store)
    _papers(found, wanted, ledger, stores, [paper for paper in papers if paper.is_whole])
    return found


def _orders(
    found: Findings, wanted: Sequence[Wanted], ledger: Ledger, hub: HubRecords, stores: Sequence[StoreRecords]
) -> None:
    at_hub = {theirs: (order_id, state) for order_id, theirs, _, state in hub.orders}
    found.count("lost", ledger.answered.keys() - at_hub.keys(), "answered, and not at the hub")
    found.count("doubled", _twice(theirs for _, theirs, _, _ in hub.orders), "an order twice at the hub")
    found.count("doubled", at_hub.keys() - ledger.asked, "an order that nobody sent")
    told = {theirs for theirs, order_id in ledger.answered.items() if at_hub.get(theirs, (order_id,))[0] != order_id}
    found.count("diverged", told, "the hub told another id of the order")
    found.count(
        "lost", (t for t in ledger.cancelled if at_hub.get(t, ("", _CANCELLED))[1] != _CANCELLED), "cancelled, and not"
    )
    in_store = {store.store: {row[1]: row[2] for row in store.orders} for store in stores}
    for each in wanted:
        if each.theirs not in at_hub:
            continue
        state = in_store[each.store].get(each.theirs)
        if state is None:
            found.count("lost", [each.theirs], f"not in store {each.store}")
        elif state != at_hub[each.theirs][1]:
            found.count(
                "diverged", [each.theirs], f"{state} in store {each.store}, {at_hub[each.theirs][1]} at the hub"
            )
    for store in stores:
        found.count("doubled", _twice(row[1] for row in store.orders), f"an order twice in store {store.store}")


def _operations(found: Findings, hub: HubRecords, store: StoreRecords) -> None:
    ours = {key: (number, bytes(body)) for key, number, _, body, _ in store.outbox}
    theirs = {key: (number, bytes(body)) for name, key, number, _, body in hub.operations if name == store.store}
    found.count("lost", ours.keys() - theirs.keys(), f"an operation of {store.store} is not at the hub")
    found.count("doubled", theirs.keys() - ours.keys(), f"an operation that {store.store} did not do")
    changed = (key for key in ours.keys() & theirs.keys() if ours[key] != theirs[key])
    found.count("diverged", changed, f"an operation of {store.store} with another content")
    not_done = (f"{row[2]} {row[0]} is {row[4]}" for row in store.outbox if row[4] != "done")
    found.count("lost", not_done, f"in the outbox of {store.store}")


def _packs(found: Findings, hub: HubRecords, store: StoreRecords, told: Told) -> None:
    kept, bound = set(store.scans), {code for _, code, _ in store.bindings}
    good = {one.code for one in told.verdicts if one.good and one.code.startswith(tuple(PREFIXES.values()))}
    found.packs += len(good)
    found.count(
        "lost", (one for one in told.verdicts if one.code and (one.code, one.rule) not in kept and one.good), "heard"
    )
    found.count("lost", good - bound, f"heard good in {store.store}, and bound to nothing")
    packed = {body.order_id for body in _bodies(store, PickCompleted)}
    here = {(order_id, code) for order_id, code, _ in store.bindings if order_id in packed}
    mine = {row[0] for row in store.orders}
    there = Counter((order_id, code) for order_id, code, _ in hub.bindings if order_id in mine)
    found.count("lost", here - there.keys(), f"packed in {store.store}, and not at the hub")
    found.count("doubled", there.keys() - here, f"at the hub, and not packed in {store.store}")
    found.count("doubled", (pack for pack, count in there.items() if count > 1), "one pack twice at the hub")


def _stock(found: Findings, wanted: Sequence[Wanted], hub: HubRecords, store: StoreRecords) -> None:
    """From what the store did, by its own outbox: each of its deeds must have moved the hub's stock once."""
    left = Counter[str]()
    lines = {each.theirs: list(each.lines) for each in wanted}
    theirs = {order_id: lines[theirs] for order_id, theirs, _ in store.orders}
    for order_id, bindings in {body.order_id: body.bindings for body in _bodies(store, PickCompleted)}.items():
        for one in bindings:
            left[theirs[order_id][one.line_id - 1]] += one.quantity
    for sale in {body.sale_id: body for body in _bodies(store, SaleRecorded)}.values():
        for line in sale.lines:
            left[line.sku] += line.quantity
    for sku in PREFIXES:
        over = hub.on_hand[store.store, sku] - (ON_HAND * ONE - left[sku])
        if over:
            found.count("lost" if over > 0 else "doubled", [f"{over} of {sku}"], f"stock of {store.store}")
    counts = [body.counted for body in _bodies(store, StockCounted)]
    if counts and hub.on_hand[store.store, COUNTED] != counts[-1]:
        found.count("diverged", [counts[-1]], f"the last count of {store.store} does not stand at the hub")


def _deeds(found: Findings, hub: HubRecords, store: StoreRecords, told: Told) -> None:
    sold = {body.sale_id for body in _bodies(store, SaleRecorded)}
    found.count("lost", told.sold - sold, f"a sale that the page of {store.store} took")
    there = {sale_id for name, sale_id in hub.sales if name == store.store}
    found.count("lost", sold - there, "a sale is not at the hub")
    states = {order_id: state for order_id, _, state in store.orders}
    gone = {"handed_over", "completed", _CANCELLED}
    found.count("lost", (each for each in told.handed_over if states.get(each) not in gone), "handed over, and not")


def _slips(found: Findings, ledger: Ledger, store: StoreRecords) -> None:
    first = [(order_id, issue) for order_id, kind, issue, copy, _ in store.slips if kind == "picking" and copy == 0]
    found.count("slips_doubled", _twice(order_id for order_id, _ in first), "issued twice")
    found.count("lost", {row[0] for row in store.orders} - {order_id for order_id, _ in first}, "no slip was issued")


def _logs(found: Findings, hub: HubRecords, store: StoreRecords) -> None:
    for log, cursor in store.cursors.items():
        if hub.heads.get(log) != cursor:
            found.count("diverged", [log], f"{store.store} stands at {cursor}, the hub at {hub.heads.get(log)}")
    if store.quarantined:
        found.count("diverged", [store.quarantined], f"events set aside in {store.store}")


def _papers(
    found: Findings,
    wanted: Sequence[Wanted],
    ledger: Ledger,
    stores: Sequence[StoreRecords],
    whole: Sequence[Paper],
) -> None:
    found.papers = len(whole)
    found.count("slips_doubled", _twice(paper.key for paper in whole), "papers alike")
    on_paper = {paper.key.shown_id for paper in whole if paper.key.kind == "picking"}
    asked_about = {row[0] for store in stores for row in store.slips if row[4] in _ASKED_ABOUT}
    ids = {theirs: order_id for store in stores for order_id, theirs, _ in store.orders}
    for each in wanted:
        known = ids.get(each.theirs)
        if known is None or each.theirs in ledger.doomed or each.shown_id in on_paper or known in asked_about:
            continue
        found.count("lost", [each.shown_id], "no paper of it, and nobody is asked")


def _bodies(store: StoreRecords, kind: type[B]) -> list[B]:
    """In the order in which they were done."""
    return [msgspec.json.decode(body, type=kind) for _, _, name, body, _ in store.outbox if name == kind.kind]


def _twice(of: Iterable[object]) -> list[object]:
    return [each for each, count in Counter(of).items() if count > 1]

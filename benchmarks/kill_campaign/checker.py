"""Was anything lost or doubled? The history's own checks (`tests.history`) hold hub and stores against each other; here
is what else buyers and people know, and what lies on paper.

- lost: what was answered, heard, sold, handed over is not where it must be; a slip lies nowhere and nobody is asked
  about it; more stock than what left allows.
- doubled: what nobody sent or packed; less stock than what left allows. `slips_doubled`: two unmarked papers alike.
- diverged: hub and store tell different things of the same order; a count, a cursor that does not stand.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from benchmarks.kill_campaign.buyers import Ledger, Wanted
from benchmarks.kill_campaign.chain import COUNTED, ON_HAND, PREFIXES
from benchmarks.kill_campaign.ear import Heard
from benchmarks.kill_campaign.records import HubRecords, StoreRecords
from benchmarks.print_faults.paper import Paper
from domain.operations import OperationBody, PickCompleted, SaleRecorded, StockCounted
from domain.quantity import ONE

B = TypeVar("B", bound=OperationBody)

_CANCELLED = "cancelled"
_GONE = frozenset({"handed_over", "completed", _CANCELLED})
_ASKED_ABOUT = frozenset({"accepted", "held", "not_printed", "sending", "confirming", "unknown"})
_PACKS = tuple(PREFIXES.values())
_SHOWN = 40


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
            if len(self.examples) < _SHOWN:
                self.examples.append(f"{what}: {why}: {each}")

    @property
    def checked(self) -> int:
        return self.orders + self.operations + self.packs + self.papers

    @property
    def wrong(self) -> int:
        return self.lost + self.doubled + self.slips_doubled + self.diverged


@dataclass(frozen=True, slots=True)
class Told:
    """What one store's people heard from its computer."""

    verdicts: Sequence[Heard]
    sold: set[str]
    handed_over: set[str]
    counted: tuple[int, ...] = ()


def check(
    wanted: Sequence[Wanted],
    ledger: Ledger,
    hub: HubRecords,
    stores: Sequence[StoreRecords],
    told: Sequence[Told],
    papers: Sequence[Paper],
) -> Findings:
    found = Findings(orders=len(ledger.answered), operations=sum(len(store.outbox) for store in stores))
    _orders(found, wanted, ledger, hub, stores)
    for store, heard in zip(stores, told, strict=True):
        _packs(found, hub, store, heard)
        _stock(found, wanted, hub, store)
        _deeds(found, hub, store, heard)
    _papers(found, wanted, ledger, stores, [paper for paper in papers if paper.is_whole])
    return found


def _orders(
    found: Findings, wanted: Sequence[Wanted], ledger: Ledger, hub: HubRecords, stores: Sequence[StoreRecords]
) -> None:
    at_hub = {theirs: (order_id, state) for order_id, theirs, state in hub.orders}
    found.count("doubled", at_hub.keys() - ledger.asked, "an order that nobody sent")
    renamed = (t for t, order_id in ledger.answered.items() if at_hub.get(t, (order_id,))[0] != order_id)
    found.count("diverged", renamed, "the hub told another id of the order")
    kept = (t for t in ledger.cancelled if at_hub.get(t, ("", ""))[1] != _CANCELLED)
    found.count("lost", kept, "a cancellation that was answered")
    in_store = {store.store: {theirs: state for _, theirs, state in store.orders} for store in stores}
    for each in wanted:
        here, there = in_store[each.store].get(each.theirs), at_hub.get(each.theirs, ("", None))[1]
        if each.theirs in ledger.answered and (here is None or there is None):
            found.count("lost", [each.theirs], f"answered; {here} in {each.store}, {there} at the hub")
        elif here != there:
            found.count("diverged", [each.theirs], f"{here} in {each.store}, {there} at the hub")


def _packs(found: Findings, hub: HubRecords, store: StoreRecords, told: Told) -> None:
    kept, bound = set(store.scans), {code for _, code in store.bindings}
    good = [one for one in told.verdicts if one.good and one.code.startswith(_PACKS)]
    found.packs += len({one.code for one in good})
    found.count("lost", (one for one in good if (one.code, one.rule) not in kept), f"heard in {store.store}, not kept")
    found.count("lost", (one for one in good if one.code not in bound), f"heard good in {store.store}, not bound")
    packed = {body.order_id for body in _bodies(store, PickCompleted)}
    here = {pack for pack in store.bindings if pack[0] in packed}
    mine = {row[0] for row in store.orders}
    there = {pack for pack in hub.bindings if pack[0] in mine}
    found.count("lost", here - there, f"packed in {store.store}, and not at the hub")
    found.count("doubled", there - here, f"at the hub, and not packed in {store.store}")


def _stock(found: Findings, wanted: Sequence[Wanted], hub: HubRecords, store: StoreRecords) -> None:
    """From what the store did, by its own outbox: each of its deeds must have moved the hub's stock once."""
    left = Counter[str]()
    lines = {each.theirs: list(each.lines) for each in wanted}
    skus = {order_id: lines[theirs] for order_id, theirs, _ in store.orders}
    for order_id, bindings in {body.order_id: body.bindings for body in _bodies(store, PickCompleted)}.items():
        for one in bindings:
            left[skus[order_id][one.line_id - 1]] += one.quantity
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
    counts = Counter(body.counted for body in _bodies(store, StockCounted))
    found.count("lost", (Counter(told.counted) - counts).elements(), f"a count that the page of {store.store} took")
    there = {sale_id for name, sale_id in hub.sales if name == store.store}
    found.count("lost", sold - there, "a sale is not at the hub")
    states = {order_id: state for order_id, _, state in store.orders}
    found.count("lost", (each for each in told.handed_over if states.get(each) not in _GONE), "handed over, and not")


def _papers(
    found: Findings, wanted: Sequence[Wanted], ledger: Ledger, stores: Sequence[StoreRecords], whole: Sequence[Paper]
) -> None:
    found.papers = len(whole)
    alike = (key for key, count in Counter(paper.key for paper in whole).items() if count > 1)
    found.count("slips_doubled", alike, "papers alike")
    on_paper = {paper.key.shown_id for paper in whole if paper.key.kind == "picking"}
    asked_about = {order_id for store in stores for order_id, _, _, state in store.slips if state in _ASKED_ABOUT}
    ids = {theirs: order_id for store in stores for order_id, theirs, _ in store.orders}
    for each in wanted:
        known = ids.get(each.theirs)
        if known is None or each.theirs in ledger.doomed or each.shown_id in on_paper or known in asked_about:
            continue
        found.count("lost", [each.shown_id], "no paper of it, and nobody is asked")


def _bodies(store: StoreRecords, kind: type[B]) -> list[B]:
    """In the order in which they were done."""
    return [msgspec.json.decode(body, type=kind) for name, body in store.outbox if name == kind.kind]

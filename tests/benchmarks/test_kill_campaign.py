"""The campaign's checker itself: each thing it is there to find, it finds, and nothing else."""

from dataclasses import replace

import msgspec
import pytest

from benchmarks.kill_campaign.buyers import Ledger, Wanted
from benchmarks.kill_campaign.chain import COUNTED, ON_HAND, PREFIXES
from benchmarks.kill_campaign.checker import Findings, Told, check
from benchmarks.kill_campaign.ear import Heard
from benchmarks.kill_campaign.records import HubRecords, Rows, StoreRecords
from benchmarks.print_faults.paper import Key, Paper
from domain.operations import OperationBody, PickCompleted, SaleLine, SaleRecorded, StockCounted, encode_body
from domain.picks import Binding
from domain.quantity import ONE

WANTED = Wanted(1, "S1", {"AMX": 2})
CODES = (f"{PREFIXES['AMX']}0000000000001", f"{PREFIXES['AMX']}0000000000002")
BODIES: tuple[OperationBody, ...] = (
    PickCompleted("o1", tuple(Binding(1, code, ONE) for code in CODES)),
    SaleRecorded("sale1", (SaleLine("IBU", ONE),)),
    StockCounted(COUNTED, 7 * ONE, "盘点", 1),
)
OUTBOX: Rows = [(body.kind, encode_body(body)) for body in BODIES]
STORE = StoreRecords(
    store="S1",
    orders=[("o1", WANTED.theirs, "handed_over")],
    outbox=OUTBOX,
    slips=[("o1", "picking", 0, "printed")],
    bindings=[("o1", code) for code in CODES],
    scans=[(code, "ok") for code in CODES],
)
HUB = HubRecords(
    orders=[("o1", WANTED.theirs, "handed_over")],
    bindings=[("o1", code) for code in CODES],
    sales=[("S1", "sale1")],
    on_hand={
        ("S1", "AMX"): (ON_HAND - 2) * ONE, ("S1", "IBU"): (ON_HAND - 1) * ONE, ("S1", "VIT"): ON_HAND * ONE,
        ("S1", COUNTED): 7 * ONE,
    },
)  # fmt: skip
TOLD = Told([Heard(code, "ok", True, "o1") for code in CODES], {"sale1"}, {"o1"}, (7 * ONE,))
PAPER = Paper(Key(WANTED.shown_id, "picking", 1, 0), "S1", 1.0, True, frozenset())


def judged(
    hub: HubRecords = HUB,
    store: StoreRecords = STORE,
    told: Told = TOLD,
    papers: tuple[Paper, ...] = (PAPER,),
    ledger: Ledger | None = None,
) -> dict[str, int]:
    known = ledger or Ledger(asked={WANTED.theirs}, answered={WANTED.theirs: "o1"})
    found = check([WANTED], known, hub, [store], [told], papers)
    return counted(found)


def counted(found: Findings) -> dict[str, int]:
    names = ("lost", "doubled", "slips_doubled", "diverged")
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def without(rows: Rows, place: int = 0) -> Rows:
    return [row for number, row in enumerate(rows) if number != place]


def stock(sku: str, quantity: int) -> HubRecords:
    return replace(HUB, on_hand={**HUB.on_hand, ("S1", sku): HUB.on_hand["S1", sku] + quantity * ONE})


def test_a_whole_run_is_in_order() -> None:
    assert judged() == {}


def test_an_answered_order_must_be_at_the_hub_and_in_its_store() -> None:
    assert judged(hub=replace(HUB, orders=[])) == {"lost": 1}
    nowhere = replace(STORE, orders=[], slips=[], bindings=[], outbox=OUTBOX[1:])
    assert "lost" in judged(store=nowhere)
    unanswered = Ledger(asked={WANTED.theirs})
    assert judged(ledger=unanswered) == {}, "unknown may be there"
    other = Ledger(asked={WANTED.theirs}, answered={WANTED.theirs: "o7"})
    assert judged(ledger=other) == {"diverged": 1}, "it told another id"


def test_nobody_sent_it() -> None:
    assert judged(ledger=Ledger()) == {"doubled": 1}


def test_a_cancellation_that_was_answered_holds() -> None:
    known = Ledger({WANTED.theirs}, {WANTED.theirs: "o1"}, cancelled={WANTED.theirs}, doomed={WANTED.theirs})
    assert judged(ledger=known) == {"lost": 1}


def test_packs_that_were_heard_are_bound_here_and_there() -> None:
    assert judged(store=replace(STORE, scans=without(STORE.scans))) == {"lost": 1}
    assert judged(hub=replace(HUB, bindings=without(HUB.bindings))) == {"lost": 1}
    assert judged(hub=replace(HUB, bindings=[*HUB.bindings, ("o1", "8129")])) == {"doubled": 1}
    assert judged(store=replace(STORE, bindings=without(STORE.bindings))) == {"lost": 1, "doubled": 1}
    bad = replace(TOLD, verdicts=[*TOLD.verdicts, Heard(PREFIXES["AMX"], "R2", False)])
    assert judged(told=bad) == {}, "a refusal promises nothing"


@pytest.mark.parametrize(("quantity", "what"), [(1, "lost"), (-2, "doubled")])
def test_the_stock_is_what_left_it(quantity: int, what: str) -> None:
    assert judged(hub=stock("AMX", quantity)) == {what: 1}
    assert judged(hub=stock("IBU", quantity)) == {what: 1}
    assert judged(hub=stock(COUNTED, quantity)) == {"diverged": 1}


def test_what_the_page_took_was_done() -> None:
    assert judged(told=replace(TOLD, sold={"sale1", "sale2"})) == {"lost": 1}
    assert judged(told=replace(TOLD, counted=(7 * ONE, 7 * ONE))) == {"lost": 1}
    assert judged(hub=replace(HUB, sales=[])) == {"lost": 1}
    picked = replace(STORE, orders=[("o1", WANTED.theirs, "picked")])
    assert judged(store=picked) == {"lost": 1, "diverged": 1}


def test_papers_lie_there_once() -> None:
    assert judged(papers=(PAPER, PAPER)) == {"slips_doubled": 1}
    assert judged(papers=(PAPER, replace(PAPER, is_whole=False))) == {}
    assert judged(papers=(PAPER, replace(PAPER, key=replace(PAPER.key, copy=1)))) == {}, "marked as a reprint"
    assert judged(papers=()) == {"lost": 1}
    asked = replace(STORE, slips=[("o1", "picking", 0, "unknown")])
    assert judged(papers=(), store=asked) == {}, "a person is asked"


def test_a_body_is_read_as_it_was_written() -> None:
    assert msgspec.json.decode(OUTBOX[0][1], type=PickCompleted) == BODIES[0]

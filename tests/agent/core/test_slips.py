"""The life of slips without any printer: who is replaced, reprinted, resolved, expired, and what headquarters hears."""

from functools import partial

import pytest

from agent import order_slips, outbox, slips
from agent.errors import NotNow
from agent.files import WorkFile
from agent.printing.holding import Holding
from agent.printing.standing import Standing
from agent.slips import Slip
from agent.transactions import Transaction
from domain.events import OrderCancelled, OrderChanged, OrderPlaced
from domain.operations import SlipChanged, decode_body
from domain.slips import Evidence, SlipKind, SlipState
from domain.times import HOUR, MINUTE
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import Hub, line, order


def all_of(work: WorkFile, kind: SlipKind = SlipKind.PICKING, order_id: str = "o1") -> list[Slip]:
    return list(work.read(lambda reading: slips.of_order(reading, order_id, kind)))


def want(work: WorkFile, kind: SlipKind, order_id: str = "o1", *, subject: str = "", pinned: str = "") -> str:
    return work.write(lambda tx: slips.want(tx, kind, order_id, subject=subject, pinned=pinned))


def get(work: WorkFile, slip_id: str) -> Slip:
    return work.read(lambda reading: slips.get(reading, slip_id))


def move(work: WorkFile, slip_id: str, *states: SlipState, cause: str = "", printer: str | None = None) -> None:
    """To the last of these, one commit each."""
    for state in states:
        work.write(partial(_move, slip_id=slip_id, state=state, cause=cause, printer=printer))


def _move(tx: Transaction, *, slip_id: str, state: SlipState, cause: str, printer: str | None) -> None:
    slips.change(tx, slips.get(tx, slip_id), state, cause=cause, printer=printer)


def send(work: WorkFile, slip_id: str, *then: SlipState, cause: str = "") -> None:
    move(work, slip_id, SlipState.SENDING, printer="前台")
    move(work, slip_id, *then, cause=cause)


def told(work: WorkFile) -> list[SlipChanged]:
    bodies = [decode_body(each) for each in work.read(outbox.pending) if each.kind == SlipChanged.kind]
    return [body for body in bodies if isinstance(body, SlipChanged)]


@pytest.fixture
def picking(hub: Hub, work: WorkFile) -> str:
    hub.tell(OrderPlaced(order()))
    return all_of(work)[0].slip_id


# Reprints


def test_a_reprint_is_a_numbered_row_beside_the_printed_one(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.CONFIRMING, SlipState.PRINTED)
    first = work.write(lambda tx: slips.reprint(tx, picking))
    send(work, first, SlipState.CONFIRMING, SlipState.PRINTED)
    second = work.write(lambda tx: slips.reprint(tx, picking))
    found = [(slip.issue, slip.copy, slip.state) for slip in all_of(work)]
    assert found == [
        (1, 0, SlipState.PRINTED),
        (1, 1, SlipState.PRINTED),
        (1, 2, SlipState.ACCEPTED),
    ]
    assert get(work, second).slip_id == second != first


def test_asking_twice_prints_once(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.CONFIRMING, SlipState.PRINTED)
    first = work.write(lambda tx: slips.reprint(tx, picking))
    assert work.write(lambda tx: slips.reprint(tx, picking)) == first
    assert len(all_of(work)) == 2


@pytest.mark.parametrize("states", [(), (SlipState.SENDING,), (SlipState.SENDING, SlipState.NOT_PRINTED)])
def test_what_still_comes_out_by_itself_is_not_reprinted(
    work: WorkFile, picking: str, states: tuple[SlipState, ...]
) -> None:
    move(work, picking, *states)
    with pytest.raises(NotNow):
        work.write(lambda tx: slips.reprint(tx, picking))
    assert len(all_of(work)) == 1


def test_unknown_reprinted_is_one_row_withdrawn_and_one_marked(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.UNKNOWN, cause="ConnectionLost")
    work.write(lambda tx: slips.resolve(tx, picking, printed=False))
    old, new = all_of(work)
    assert (old.state, old.cause) == (SlipState.WITHDRAWN, slips.REPRINTED)
    assert (new.state, new.copy, new.issue) == (SlipState.ACCEPTED, 1, 1)
    with pytest.raises(NotNow):
        work.write(lambda tx: slips.resolve(tx, picking, printed=False))


def test_unknown_and_it_did_print(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.UNKNOWN)
    work.write(lambda tx: slips.resolve(tx, picking, printed=True))
    (only,) = all_of(work)
    assert (only.state, only.cause, only.evidence) == (SlipState.PRINTED, "clerk", None)


def test_of_a_cancelled_order_nothing_is_printed_again(hub: Hub, work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.UNKNOWN)
    hub.tell(OrderCancelled("o1", "customer", False))
    assert len(all_of(work, SlipKind.STOP)) == 1, "the unknown one may lie on the counter"
    work.write(lambda tx: slips.resolve(tx, picking, printed=False))
    assert [(slip.state, slip.cause) for slip in all_of(work)] == [(SlipState.WITHDRAWN, slips.STOPPED)]


def test_a_reprinted_unknown_one_may_still_lie_on_the_counter(hub: Hub, work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.UNKNOWN)
    work.write(lambda tx: slips.resolve(tx, picking, printed=False))
    hub.tell(OrderCancelled("o1", "customer", False))
    assert len(all_of(work, SlipKind.STOP)) == 1
    assert {slip.state for slip in all_of(work)} == {SlipState.WITHDRAWN}


# Not printed after all, and nobody needs it any more


def test_what_was_replaced_while_it_was_sent_does_not_follow_its_successor(
    hub: Hub, work: WorkFile, picking: str
) -> None:
    send(work, picking, SlipState.CONFIRMING)
    hub.tell(OrderChanged(order("o1", line(count=2))))
    work.write(lambda tx: order_slips.give_back(tx, picking, "paper_out"))
    assert [(slip.issue, slip.state, slip.cause) for slip in all_of(work)] == [
        (1, SlipState.WITHDRAWN, slips.SUPERSEDED),
        (2, SlipState.ACCEPTED, "changed"),
    ]


@pytest.mark.parametrize("kind", [SlipKind.PICKING, SlipKind.CUSTOMER])
def test_what_was_being_sent_when_its_order_was_cancelled_is_not_sent_again(
    hub: Hub, work: WorkFile, picking: str, kind: SlipKind
) -> None:
    slip_id = picking if kind is SlipKind.PICKING else want(work, kind)
    send(work, slip_id)
    hub.tell(OrderCancelled("o1", "customer", False))
    work.write(lambda tx: order_slips.give_back(tx, slip_id, "paper_out"))
    assert (get(work, slip_id).state, get(work, slip_id).cause) == (SlipState.WITHDRAWN, slips.STOPPED)


@pytest.mark.parametrize("kind", [SlipKind.PICKING, SlipKind.CUSTOMER, SlipKind.TEST])
def test_what_somebody_needs_is_sent_again(work: WorkFile, picking: str, kind: SlipKind) -> None:
    slip_id = picking if kind is SlipKind.PICKING else want(work, kind, "" if kind is SlipKind.TEST else "o1")
    send(work, slip_id)
    work.write(lambda tx: order_slips.give_back(tx, slip_id, "paper_out"))
    assert get(work, slip_id).state is SlipState.NOT_PRINTED


def test_a_stop_slip_is_needed_all_the_more(hub: Hub, work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.UNKNOWN)
    hub.tell(OrderCancelled("o1", "customer", False))
    (stop,) = all_of(work, SlipKind.STOP)
    send(work, stop.slip_id)
    work.write(lambda tx: order_slips.give_back(tx, stop.slip_id, "paper_out"))
    assert get(work, stop.slip_id).state is SlipState.NOT_PRINTED


# Scanning the code of a slip


def test_scanning_its_code_proves_the_only_paper(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.UNKNOWN)
    work.write(lambda tx: slips.seen(tx, "o1"))
    assert (get(work, picking).state, get(work, picking).cause) == (SlipState.PRINTED, "scanned")


def test_a_scan_does_not_say_which_of_two_papers_it_was(hub: Hub, work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.CONFIRMING, SlipState.PRINTED)
    hub.tell(OrderChanged(order("o1", line(count=2))))
    newer = all_of(work)[1].slip_id
    send(work, newer, SlipState.UNKNOWN)
    work.write(lambda tx: slips.seen(tx, "o1"))
    assert get(work, newer).state is SlipState.UNKNOWN


# Superseded, expired


def test_a_newer_slip_of_the_same_subject_replaces_the_unsent_one(work: WorkFile, picking: str) -> None:
    first = want(work, SlipKind.REFUND, subject="r1")
    other = want(work, SlipKind.REFUND, subject="r2")
    second = want(work, SlipKind.REFUND, subject="r1")
    assert (get(work, first).state, get(work, first).cause) == (SlipState.WITHDRAWN, slips.SUPERSEDED)
    assert (get(work, second).issue, get(work, second).state) == (2, SlipState.ACCEPTED)
    assert get(work, other).state is SlipState.ACCEPTED


def test_what_lies_on_paper_is_not_withdrawn_by_a_newer_one(work: WorkFile, picking: str) -> None:
    first = want(work, SlipKind.CUSTOMER)
    send(work, first, SlipState.CONFIRMING, SlipState.PRINTED)
    want(work, SlipKind.CUSTOMER)
    assert get(work, first).state is SlipState.PRINTED


def test_an_unsent_reprint_gives_way_to_the_changed_slip(hub: Hub, work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.CONFIRMING, SlipState.PRINTED)
    reprint = work.write(lambda tx: slips.reprint(tx, picking))
    hub.tell(OrderChanged(order("o1", line(count=2))))
    assert (get(work, reprint).state, get(work, reprint).cause) == (SlipState.WITHDRAWN, slips.SUPERSEDED)
    assert [(slip.issue, slip.copy) for slip in all_of(work)] == [(1, 0), (1, 1), (2, 0)]


@pytest.mark.parametrize(
    ("kind", "lives"), [(SlipKind.TEST, 2 * MINUTE), (SlipKind.STOP, 2 * HOUR), (SlipKind.SHIFT, 12 * HOUR)]
)
def test_some_kinds_expire(work: WorkFile, picking: str, clock: VirtualClock, kind: SlipKind, lives: int) -> None:
    slip_id = want(work, kind, "o1" if kind is SlipKind.STOP else "")
    clock.advance(lives - 1)
    work.write(slips.expire)
    assert get(work, slip_id).state is SlipState.ACCEPTED
    clock.advance(1)
    assert slip_id not in {one.slip_id for one in work.read(slips.waiting)}, "not even before anybody wrote it down"
    assert work.write(lambda tx: slips.begin_sending(tx, slip_id, "前台", slips.revision_of(tx, "o1"))) is None
    Holding(work, Standing()).look()
    assert (get(work, slip_id).state, get(work, slip_id).cause) == (SlipState.WITHDRAWN, slips.EXPIRED)


def test_a_picking_slip_never_expires_and_what_was_sent_neither(
    work: WorkFile, picking: str, clock: VirtualClock
) -> None:
    test = want(work, SlipKind.TEST, "", pinned="前台")
    send(work, test, SlipState.UNKNOWN)
    clock.advance(1000 * HOUR)
    work.write(slips.expire)
    assert get(work, picking).state is SlipState.ACCEPTED
    assert get(work, test).state is SlipState.UNKNOWN


# What headquarters hears


def test_headquarters_hears_every_step_and_only_when_it_comes_to_rest(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.CONFIRMING)
    assert told(work) == []
    work.write(lambda tx: slips.change(tx, slips.get(tx, picking), SlipState.PRINTED, evidence=Evidence.ID_RETURNED))
    (word,) = told(work)
    assert (word.state, word.evidence, word.printer, word.order_id) == (SlipState.PRINTED, "A", "前台", "o1")
    assert [step.state for step in word.steps] == ["accepted", "sending", "confirming", "printed"]


def test_a_long_wait_is_told_once_per_cause(work: WorkFile, picking: str) -> None:
    for cause in ("paper_out", "cover_open", "paper_out", "cover_open", "paper_out"):
        move(work, picking, SlipState.HELD, cause=cause)
    assert [(word.state, word.cause) for word in told(work)] == [("held", "paper_out"), ("held", "cover_open")]
    send(work, picking, SlipState.NOT_PRINTED, cause="offline")
    move(work, picking, SlipState.HELD, cause="paper_out")
    assert [word.cause for word in told(work)] == ["paper_out", "cover_open", "offline", "paper_out"], "a new wait"
    steps = [(step.state.value, step.cause) for word in told(work) for step in word.steps]
    rows = work.read(
        lambda reading: reading.db.execute("SELECT state, cause FROM slip_changes ORDER BY change").fetchall()
    )
    assert steps == [(row["state"], row["cause"]) for row in rows], "every change, once, in order"


def test_a_slip_of_no_order_is_told_too(work: WorkFile, picking: str) -> None:
    test = want(work, SlipKind.TEST, "", pinned="前台")
    send(work, test, SlipState.CONFIRMING, SlipState.PRINTED)
    assert [(word.slip_id, word.order_id) for word in told(work)] == [(test, "")]


def test_a_reprint_says_so(work: WorkFile, picking: str) -> None:
    send(work, picking, SlipState.CONFIRMING, SlipState.PRINTED)
    again = work.write(lambda tx: slips.reprint(tx, picking))
    send(work, again, SlipState.CONFIRMING, SlipState.PRINTED)
    assert [word.copy for word in told(work)] == [0, 1]

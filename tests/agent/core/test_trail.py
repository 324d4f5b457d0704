"""Each step is chained in its own transaction; headquarters hears of all of them, once."""

import msgspec
import pytest

from agent import outbox, trail
from agent.files import WorkFile
from agent.transactions import Transaction
from domain.operations import TrailGrown, decode_body
from domain.staff import Actor
from domain.trail import StepKind, flaws

WANG = Actor("page:1", "S1", "王芳")


def test_steps_are_chained_with_who_and_where(work: WorkFile) -> None:
    work.write(lambda tx: trail.record(tx, "o1", StepKind.STARTED, WANG))
    work.write(lambda tx: trail.record(tx, "o1", StepKind.SCANNED, WANG, rules="r1", code="8101", raw="38"))
    steps = work.read(lambda reading: trail.steps(reading, "o1"))
    assert flaws(steps) == []
    assert [(one.kind, one.staff_id, one.name, one.station, one.rules) for one in steps] == [
        ("started", "S1", "王芳", "page:1", ""),
        ("scanned", "S1", "王芳", "page:1", "r1"),
    ]
    assert steps[1].detail == '{"code":"8101","raw":"38"}'


def test_each_order_has_a_chain_of_its_own(work: WorkFile) -> None:
    for order in ("o1", "o2", "o1"):
        record(work, StepKind.SCANNED, order)
    assert [one.seq for one in work.read(lambda reading: trail.steps(reading, "o1"))] == [1, 2]
    assert flaws(work.read(lambda reading: trail.steps(reading, "o2"))) == []


def test_headquarters_is_told_every_step_once_at_each_rest(work: WorkFile) -> None:
    for kind in (StepKind.STARTED, StepKind.SCANNED, StepKind.PACKED, StepKind.HANDED_OVER, StepKind.SLIP):
        record(work, kind)
    told = [decode_body(one) for one in work.read(outbox.pending) if one.kind == TrailGrown.kind]
    grown = [one for one in told if isinstance(one, TrailGrown)]
    assert [[step.seq for step in one.steps] for one in grown] == [[1, 2, 3], [4]]
    everything = tuple(step for one in grown for step in one.steps)
    assert flaws(everything) == []
    assert everything == work.read(lambda reading: trail.steps(reading, "o1"))[:4]


def test_what_is_taken_back_leaves_no_step(work: WorkFile) -> None:
    record(work, StepKind.STARTED)

    def fail(tx: Transaction) -> None:
        trail.record(tx, "o1", StepKind.SCANNED)
        raise msgspec.ValidationError("nothing came of it")

    with pytest.raises(msgspec.ValidationError):
        work.write(fail)
    record(work, StepKind.PACKED)
    steps = work.read(lambda reading: trail.steps(reading, "o1"))
    assert [one.kind for one in steps] == ["started", "packed"]
    assert flaws(steps) == []


def record(work: WorkFile, kind: StepKind, order: str = "o1") -> None:
    work.write(lambda tx: trail.record(tx, order, kind, WANG))

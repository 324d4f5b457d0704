"""Headquarters keeps a store's steps as they came and says where their chain does not hold."""

import msgspec
import pytest

from cloud import tables, trails
from domain.operations import TrailGrown
from domain.protocol import OutcomeState
from domain.trail import BEGINNING, Step, StepKind, flaws, link
from tests.cloud.hub import Hub


def chained(order_id: str, count: int) -> tuple[Step, ...]:
    made: list[Step] = []
    for seq in range(1, count + 1):
        step = Step(order_id, seq, seq, StepKind.SCANNED, "S1", "王芳", "page:1", "r1", f'{{"n":{seq}}}', "")
        before = made[-1].hash if made else BEGINNING
        made.append(msgspec.structs.replace(step, hash=link(before, step)))
    return tuple(made)


def kept(hub: Hub, order_id: str) -> tuple[Step, ...]:
    with hub.transaction() as tx:
        return trails.of_order(tx, order_id)


def broken(hub: Hub) -> list[str]:
    return [row.detail for row in hub.rows(tables.audit) if row.action == "trail.broken"]


def test_steps_come_in_several_words_and_overlap(hub: Hub) -> None:
    steps = chained("o1", 5)
    for word in (steps[:2], steps[1:4], steps[:5]):
        assert hub.do(TrailGrown("o1", word)).state is OutcomeState.DONE
    assert kept(hub, "o1") == steps
    assert flaws(kept(hub, "o1")) == []
    assert broken(hub) == []


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_hole_is_kept_and_told(hub: Hub, missing: int) -> None:
    steps = chained("o1", 4)
    came = steps[:missing] + steps[missing + 1 :]
    assert hub.do(TrailGrown("o1", came)).state is OutcomeState.DONE
    assert kept(hub, "o1") == came
    assert broken(hub) == [f"step {missing + 2}"]


def test_a_changed_step_is_kept_and_told(hub: Hub) -> None:
    first, second = chained("o1", 2)
    hub.do(TrailGrown("o1", (first, msgspec.structs.replace(second, staff_id="S9"))))
    assert broken(hub) == ["step 2"]


def test_steps_of_another_order_are_told_and_do_not_stand_in_its_trail(hub: Hub) -> None:
    hub.do(TrailGrown("o1", chained("o2", 1)))
    assert broken(hub) == ["step 1"]
    assert kept(hub, "o2") == ()
    assert hub.do(TrailGrown("o2", chained("o2", 2))).state is OutcomeState.DONE
    assert kept(hub, "o2") == chained("o2", 2)


def test_a_step_said_twice_in_one_word_stands_once(hub: Hub) -> None:
    first, second = chained("o1", 2)
    assert hub.do(TrailGrown("o1", (first, first, second))).state is OutcomeState.DONE
    assert kept(hub, "o1") == (first, second)

"""The chain of an order's steps shows every change."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.trail import BEGINNING, Flaw, Step, StepKind, flaws, link


def chained(*details: str) -> list[Step]:
    made: list[Step] = []
    for seq, detail in enumerate(details, 1):
        step = Step("o1", seq, 1_000 + seq, StepKind.SCANNED, "S1", "王芳", "page:1", "2026-11-22", detail, "")
        before = made[-1].hash if made else BEGINNING
        made.append(msgspec.structs.replace(step, hash=link(before, step)))
    return made


THREE = chained('{"a":1}', '{"a":2}', '{"a":3}')


def test_what_was_written_holds() -> None:
    assert flaws(THREE) == []
    assert flaws([]) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_id", "o2"),
        ("at", 1),
        ("kind", StepKind.UNDONE),
        ("staff_id", "S2"),
        ("name", "王方"),
        ("station", "page:2"),
        ("rules", ""),
        ("detail", '{"a":9}'),
        ("hash", "0" * 64),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_field_is_found_where_it_is(field: str, value: object, place: int) -> None:
    changed = [*THREE]
    changed[place] = msgspec.structs.replace(THREE[place], **{field: value})
    assert flaws(changed)[0] == Flaw(place + 1, "the step or its hash was changed")


def test_a_step_taken_out_of_the_middle_is_missed() -> None:
    assert flaws([THREE[0], THREE[2]])[0] == Flaw(3, "steps 2 to 2 are missing")


@given(st.permutations(THREE))
def test_another_order_is_found(steps: list[Step]) -> None:
    assert (flaws(steps) == []) == (steps == THREE)

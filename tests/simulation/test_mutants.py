"""Every broken rule is noticed by its scene; `test_scenes` shows that the rule unbroken passes it."""

import pytest

from agent import incarnation
from tests.simulation.mutants.all_mutants import MUTANTS
from tests.simulation.mutants.mutant import Mutant, replaced


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_is_caught(mutant: Mutant) -> None:
    assert mutant.findings() != []


def test_all_have_names_of_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_what_is_called_otherwise_than_the_original_is_no_mutant() -> None:
    with pytest.raises(TypeError, match="too many positional arguments"):
        replaced((incarnation, "send_again", lambda tx, reply: 0))

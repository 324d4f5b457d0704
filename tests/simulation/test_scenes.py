"""Every directed schedule ends well with the product as it is."""

import pytest

from tests.history.checks import check
from tests.simulation.scenes import SCENES
from tests.simulation.stage import Scene, played


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_ends_well(scene: Scene) -> None:
    assert check(played(scene).end) == []

"""Every directed schedule ends well with the product as it is."""

import pytest

from tests.history.checks import check
from tests.simulation import scenes, scenes_of_stock
from tests.simulation.stage import Scene, played


@pytest.mark.parametrize("scene", (*scenes.SCENES, *scenes_of_stock.SCENES), ids=lambda scene: scene.__name__)
def test_ends_well(scene: Scene) -> None:
    assert check(played(scene).end) == []

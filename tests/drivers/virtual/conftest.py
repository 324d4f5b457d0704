from collections.abc import Iterator

import pytest

from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.slip import ROLL_58


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(ROLL_58) as printer:
        yield printer

from collections.abc import Iterator

import pytest

from drivers.printers.document import PAPER_58, PAPER_80, PAPER_80_NARROW, Paper
from drivers.virtual.printer import VirtualPrinter


@pytest.fixture(params=[PAPER_58, PAPER_80, PAPER_80_NARROW], ids=["58mm", "80mm", "80mm narrow"])
def paper(request: pytest.FixtureRequest) -> Paper:
    assert isinstance(request.param, Paper)
    return request.param


@pytest.fixture
def printer(paper: Paper) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(paper) as printer:
        yield printer

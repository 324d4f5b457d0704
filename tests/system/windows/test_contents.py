"""What the frozen folder for Windows holds."""

from pathlib import Path

import pytest

from tests.system.frozen import files_left_out, modules_left_out

pytestmark = [pytest.mark.system, pytest.mark.timeout(2400)]


def test_nothing_of_ours_is_left_out(frozen: Path) -> None:
    assert modules_left_out(frozen.parent / "work") == []
    assert files_left_out(frozen / "_internal") == []

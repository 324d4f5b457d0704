from pathlib import Path

import pytest

from installer.windows.python.packages import excerpt

LOCKS = Path(__file__).parents[3] / "locks"


def test_an_excerpt_keeps_the_hashes_and_drops_the_marker() -> None:
    taken = excerpt(LOCKS / "development.txt", ["pytest", "Colorama"])
    assert taken.count("==") == 2
    assert "sys_platform" not in taken
    assert taken.count("--hash=sha256:") >= 2


def test_what_is_not_locked_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        excerpt(LOCKS / "development.txt", ["left-pad"])


def test_the_interpreters_wheels_are_pinned_by_hash() -> None:
    listed = Path("installer/windows/python/interpreter.txt").read_text(encoding="utf-8").splitlines()
    wheels = [line for line in listed if not line.startswith("#")]
    assert wheels and all("==" in line and "--hash=sha256:" in line for line in wheels)

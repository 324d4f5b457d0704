"""The replay itself: a wedge that is broken is found out."""

import pytest

from benchmarks import scan_keys

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("right", "broken", "found"),
    [
        ("SPLIT = 280", "SPLIT = 100", "wrong"),
        ("MEAN = 65", "MEAN = 250", "false_scans"),
        ("{ if (this.text) this.text += Wedge.GS; }", "{ }", "wrong"),
    ],
)
def test_a_broken_wedge_is_found_out(right: str, broken: str, found: str) -> None:
    wedge = scan_keys.WEDGE.read_text(encoding="utf-8")
    assert right in wedge
    assert scan_keys.measure(300, wedge.replace(right, broken).replace("SLOWEST = 80", "SLOWEST = 400"))[found] > 0

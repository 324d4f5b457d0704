import pytest

from agent.scanners.masking import Masked, masked


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"81234560000000009876", Masked("trace", "…9876")),
        (b"YO000000000001", Masked("order", "YO000000000001")),
        (b"6901234567892", Masked("barcode", "6901234567892")),
        (b"134567890123456789", Masked("payment", "")),
        (b"YB0123456789AB", Masked("badge", "")),
        (b"staff:c1", Masked("badge", "")),
        (b"YZ-UNDO", Masked("command", "YZ-UNDO")),
        (b"YH-A-01", Masked("shelf", "A-01")),
        (b"\xff\xfe", Masked("unreadable", "2")),
    ],
)
def test_a_scan_is_shown_without_what_is_nobodys_business(raw: bytes, shown: Masked) -> None:
    assert masked(raw) == shown

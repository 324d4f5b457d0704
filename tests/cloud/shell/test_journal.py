"""The hub's log in a process of its own: errors of libraries bring no phone number and no token into it."""

import subprocess
import sys

SAYS = """
import logging
from cloud import journal
journal.begin()
log = logging.getLogger("cloud.intake")
log.warning("a push was refused: %s", "field recipient_phone: '139 8765 4321'")
try:
    raise ValueError("Bearer abcdefghijk")
except ValueError:
    log.exception("call failed")
logging.getLogger("httpx").info("GET https://api.example.com/?sign=0123456789abcdef")
"""


def test_what_identifies_or_opens_is_not_written() -> None:
    done = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, timeout=20, check=True)
    assert "field recipient_phone: '[phone]'" in done.stderr
    assert "ValueError: Bearer [removed]" in done.stderr
    assert "8765" not in done.stderr and "abcdefghijk" not in done.stderr and "sign=" not in done.stderr

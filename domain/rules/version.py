"""Which rules judged; written beside every step they had a say in."""

from domain.rules.lists import DIGEST

CHANGED = "2026-11-22"
"""The day the rules last changed."""

VERSION = f"{CHANGED}+{DIGEST}"
"""With a digest of the lists they judge by."""

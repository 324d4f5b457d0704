"""Which rules judged; written beside every step they had a say in."""

VERSION = "2026-11-22"
"""The day they last changed; a digest of their lists joins it."""

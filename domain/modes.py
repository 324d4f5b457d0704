"""Whether a store really works through this product, or is on trial beside another (试运行)."""

from enum import StrEnum


class Mode(StrEnum):
    LIVE = "live"
    SHADOW = "shadow"
    """Orders come in, are printed, picked and reserved; no channel is told anything, by nobody."""

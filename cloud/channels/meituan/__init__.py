"""Meituan 闪购 / 医药 as a channel. Every wire format is from facts/channels.md §1; docs/channels/meituan.md says which
of those facts are uncertain, and which setting governs them."""

from cloud.channels.meituan.channel import MeituanChannel
from cloud.channels.meituan.settings import Settings

__all__ = ["MeituanChannel", "Settings"]

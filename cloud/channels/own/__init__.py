"""The chain's own mini-program or shop as a channel: a JSON API of ours, documented in docs/channels/own.md."""

from cloud.channels.own.channel import OwnChannel
from cloud.channels.own.settings import Settings

__all__ = ["OwnChannel", "Settings"]

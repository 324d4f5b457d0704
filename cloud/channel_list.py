"""The channels of this hub, made once from settings and secrets. To add a platform, add it here."""

from collections.abc import Callable
from dataclasses import dataclass

from cloud.channels.base import Channel
from cloud.channels.meituan.channel import MeituanChannel
from cloud.channels.meituan.settings import Settings as Meituan
from cloud.channels.own.channel import OwnChannel
from cloud.channels.own.settings import Settings as Own
from cloud.config import BadConfig, Settings
from cloud.known import KnownOrders
from cloud.secrets import Secrets
from domain.times import Clock

RegisteredUrl = Callable[[str], str]
"""From a topic to the URL that the platform signs."""


@dataclass(frozen=True, slots=True)
class Channels:
    """`urls` are those registered with each platform, by topic."""

    by_name: dict[str, Channel]
    urls: dict[str, RegisteredUrl]
    known: dict[str, KnownOrders]


def make(settings: Settings, secrets: Secrets, clock: Clock) -> Channels:
    """Raises `BadConfig` for a channel without its secret."""
    made = Channels({}, {}, {})
    public = settings.registered_url
    if (meituan := settings.channels.meituan) is not None:
        own = Meituan(
            meituan.app_id,
            _secret(secrets, "meituan"),
            meituan.base_url,
            meituan.callback_urls,
            meituan.picture_hosts,
        )
        known = made.known["meituan"] = KnownOrders()
        made.by_name["meituan"] = MeituanChannel(own, clock=clock, known=known)
        made.urls["meituan"] = lambda topic: own.registered_url(public, topic)
    if settings.channels.own is not None:
        made.by_name["own"] = OwnChannel(Own(_secret(secrets, "own"), settings.channels.own.label))
        made.urls["own"] = lambda topic: f"{public}/channels/own/{topic}"
    return made


def _secret(secrets: Secrets, channel: str) -> str:
    try:
        return secrets.channels[channel]
    except KeyError as error:
        raise BadConfig(
            f"channel {channel} is configured but has no secret", hint=f"yaolink-hub secret set {channel}"
        ) from error

"""What the chain's app on Meituan's open platform is known by, and every choice that the sources leave open."""

import msgspec

TOPICS = (
    "paid",
    "confirmed",
    "completed",
    "cancelled",
    "refund",
    "part_refund",
    "refund_status",
    "urge",
    "rider",
    "changed",
    "pick_finished",
    "shop",
)
"""Each has its own URL, registered with the platform as PUBLIC/channels/meituan/TOPIC."""

BASE_URL = "https://waimaiopen.meituan.com/api/v1/"
PICTURE_HOSTS = ("meituan.net", "meituan.com")
"""Our reading of where the platform keeps its pictures; no source names the host (facts/channels.md §1.6)."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`callback_urls` overrides the URL of a topic where another one stands in the platform's developer centre."""

    app_id: str
    secret: str
    base_url: str = BASE_URL
    callback_urls: dict[str, str] = {}
    picture_hosts: tuple[str, ...] = PICTURE_HOSTS
    """Where prescription images may be fetched: hosts with all below them, over https; or one whole origin such as
    http://127.0.0.1:8700."""
    timeout_seconds: float = 10.0
    cancel_reason_code: int = 2007
    """2007 is "other", the platform's own default; 2009 (sold out) may make it zero and lock the shop's stock for the
    day where the merchant ticked 无货取消订单触发库存清零 (facts/channels.md §1.5)."""
    abnormal_type: int = 1
    """`type` of order/batchFetchAbnormalOrder: no source says what the values mean."""

    def __repr__(self) -> str:
        return f"Settings(app_id={self.app_id!r}, base_url={self.base_url!r}, secret=…)"

    def registered_url(self, public_url: str, topic: str) -> str:
        """The URL that the signature of a topic's pushes is over."""
        return self.callback_urls.get(topic) or f"{public_url.rstrip('/')}/channels/meituan/{topic}"

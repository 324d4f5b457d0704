"""Images of prescriptions: where they lie (gw/rp/picture/list), and the pictures (facts/channels.md §1.6).

A picture is fetched only from hosts that the settings name: an address is the platform's word, not ours.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from cloud.channels.meituan.client import Client
from cloud.channels.meituan.errors import Refused
from cloud.channels.meituan.fields import as_nested
from cloud.channels.meituan.settings import Settings
from domain.blobs import LARGEST

MOST = 20
"""Images of one prescription; a platform that tells of more is not followed."""


class _Row(msgspec.Struct, frozen=True):
    order_id: int | str
    rp_url_list: tuple[str, ...] = ()


class Prescriptions:
    def __init__(self, client: Client, settings: Settings) -> None:
        self._client, self._hosts = client, settings.picture_hosts

    async def images(self, shop: str, order_id: str) -> tuple[str, ...]:
        params = {"app_poi_code": shop, "order_ids": order_id}
        rows = as_nested(await self._client.get("gw/rp/picture/list", params), "data", list[_Row], [])
        urls = (url for row in rows if str(row.order_id) == order_id for url in row.rp_url_list)
        return tuple(dict.fromkeys(urls))[:MOST]

    async def picture(self, url: str) -> bytes:
        """Raises `Refused` for an address that is not allowed; it is never told on: it may lead to a patient."""
        if not allowed(url, self._hosts):
            raise Refused("the picture lies at a host that the settings do not allow (picture_hosts)")
        return await self._client.picture(url, LARGEST)


def allowed(url: str, hosts: Iterable[str]) -> bool:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return any(
        origin == one if "://" in one else _below(host, one) and parts.scheme == "https" and port in (None, 443)
        for one in hosts
    )


def _below(host: str, one: str) -> bool:
    return host == one or host.endswith(f".{one}")

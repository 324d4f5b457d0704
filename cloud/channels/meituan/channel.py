"""Meituan behind the seam of `cloud.channels.base`."""

from collections.abc import AsyncIterator

from cloud.channels.base import Call, CallResult, ChannelOrder, Message, Push, Understood
from cloud.channels.meituan.calls import Calls
from cloud.channels.meituan.client import Client
from cloud.channels.meituan.decode import signed_fields
from cloud.channels.meituan.news import understood
from cloud.channels.meituan.prescriptions import Prescriptions
from cloud.channels.meituan.settings import Settings
from cloud.channels.meituan.sweep import Known, Sweep
from domain.times import Clock, Millis

NOTHING = Understood(key=None, content=b"", channel_order_id=None, messages=())


class MeituanChannel:
    name = "meituan"
    can_be_swept = True
    label = "美团"

    def __init__(self, settings: Settings, *, clock: Clock, known: Known = lambda order_id: False) -> None:
        self._settings = settings
        self._client = Client(settings, clock)
        self._calls = Calls(self._client, settings)
        self._prescriptions = Prescriptions(self._client, settings)
        self._sweep = Sweep(self._client, settings, clock, known)

    def understand(self, push: Push) -> Understood:
        fields = signed_fields(push, self._settings.secret)
        return NOTHING if fields is None else understood(push.topic, fields)

    def answer(self) -> bytes:
        return b'{"data":"ok"}'

    async def call(self, call: Call) -> CallResult:
        return await self._calls.carry(call)

    def sweep(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        return self._sweep.messages(shop, since)

    async def detail(self, channel_order_id: str) -> ChannelOrder | None:
        """Raises a `ChannelError`, retryable where asking again may help."""
        return await self._sweep.detail(channel_order_id)

    async def prescription_images(self, shop: str, channel_order_id: str) -> tuple[str, ...]:
        return await self._prescriptions.images(shop, channel_order_id)

    async def picture(self, reference: str) -> bytes:
        return await self._prescriptions.picture(reference)

    async def close(self) -> None:
        await self._client.close()

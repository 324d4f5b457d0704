"""The chain's own channel behind the seam of `cloud.channels.base`. Our record is the platform here: there is nobody to
call, and nothing to sweep."""

from collections.abc import AsyncIterator

from cloud.channels.base import Call, CallResult, CallState, ChannelError, ChannelOrder, Message, Push, Understood
from cloud.channels.own.news import understood
from cloud.channels.own.settings import Settings
from cloud.channels.own.signature import check
from domain.times import Millis


class OwnChannel:
    name = "own"
    can_be_swept = False

    def __init__(self, settings: Settings) -> None:
        self.label = settings.label
        self._api_key = settings.api_key

    def understand(self, push: Push) -> Understood:
        check(push.headers, self._api_key)
        return understood(push)

    def answer(self) -> bytes:
        return b'{"data":"ok"}'

    async def call(self, call: Call) -> CallResult:
        return CallResult(CallState.DONE, no_push_follows=True)

    async def sweep(self, shop: str, since: Millis) -> AsyncIterator[Message]:
        nothing: tuple[Message, ...] = ()
        for message in nothing:
            yield message

    async def detail(self, channel_order_id: str) -> ChannelOrder | None:
        return None

    async def prescription_images(self, shop: str, channel_order_id: str) -> tuple[str, ...] | None:
        return None

    async def picture(self, reference: str) -> bytes:
        raise ChannelError("images of this channel come by themselves")

    async def close(self) -> None:
        """Nothing is open."""

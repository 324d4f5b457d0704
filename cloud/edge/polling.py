"""Long polling: a pull that waits for news, for stores whose middlebox swallows streams (design.md §4).

As with a stream, a waiting poll is one task that waits for its client to leave; what answers it is a hint, the wheel or
the hub's stopping.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from cloud.asgi import Receive, Send, answer, answer_problem
from cloud.edge.stream import Station
from cloud.followers import Followers
from cloud.refusals import refusal
from domain.events import lowered
from domain.protocol import Cursor, Page

_encode = msgspec.json.Encoder().encode


class Poll:
    """One pull of one or several logs: answered by a page of the first that has news; when none has, by an empty page
    of the first of all, after `wait` seconds."""

    __slots__ = ("_accepts", "_answering", "_at", "_cursors", "_followers", "_limit", "_news", "_over", "_send")

    def __init__(
        self,
        cursors: Sequence[Cursor],
        limit: int,
        station: Station,
        followers: Followers,
        send: Send,
        accepts: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._accepts = accepts
        self._cursors, self._limit, self._at, self._followers, self._send = cursors, limit, station, followers, send
        self._news = self._over = False
        self._answering: asyncio.Task[None] | None = None

    async def run(self, wait: float, receive: Receive) -> None:
        with self._at.hints.following([cursor.log for cursor in self._cursors], self._hint):
            page = await self._page()
            if not wait or page.events or page.reset or self._followers.stopping:
                await answer(self._send, _encode(page))
                return
            try:
                await self._rest(wait, receive)
            finally:
                self._over = True
                self._followers.waiting.discard(self._wake)
                if self._answering is not None:
                    self._answering.cancel()

    async def _rest(self, wait: float, receive: Receive) -> None:
        """Until it was answered or the client left: for the server both are a disconnect."""
        self._followers.waiting.add(self._wake)
        self._at.wheel.after(wait, self._wake)
        if self._news:
            self._wake()
        while (await receive())["type"] != "http.disconnect":
            pass

    def _hint(self, log: str) -> None:
        self._news = True
        if self._wake in self._followers.waiting:
            self._wake()

    def _wake(self) -> None:
        if self._answering is None and not self._over:
            self._answering = asyncio.create_task(self._answer())

    async def _answer(self) -> None:
        try:
            body = _encode(await self._page())
        except Exception as error:  # nobody else would tell the client
            await answer_problem(self._send, refusal(error))
        else:
            await answer(self._send, body)

    async def _page(self) -> Page:
        empty: Page | None = None
        for cursor in self._cursors:
            head = self._at.heads.at(cursor)
            page = Page(head) if head is not None else await self._at.logs.page(cursor, self._limit)
            if page.events or page.reset:
                events = tuple(lowered(event, self._accepts) for event in page.events)
                return msgspec.structs.replace(page, events=events)
            empty = empty or page
        assert empty is not None
        return empty

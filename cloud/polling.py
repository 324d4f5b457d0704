"""Long polling: a pull that waits for news, for stores whose middlebox swallows streams (design.md §4)."""

import asyncio

from cloud.asgi import ClientLeft, Receive
from cloud.followers import Followers
from cloud.hints import Hints
from cloud.stream import Logs
from domain.protocol import Cursor, Page


class Poll:
    def __init__(self, logs: Logs, hints: Hints, followers: Followers) -> None:
        self._logs, self._hints, self._followers = logs, hints, followers

    async def answer(self, cursor: Cursor, limit: int, wait: float, receive: Receive) -> Page:
        """The next page; without any news, after `wait` seconds, an empty one. Raises `ClientLeft`."""
        news = asyncio.Event()
        with self._hints.following([cursor.log], lambda log: news.set()):
            page = await self._logs.page(cursor, limit)
            if not wait or page.events or page.reset or self._followers.stopping.is_set():
                return page
            await self._rest(news, wait, receive)
            return await self._logs.page(cursor, limit)

    async def _rest(self, news: asyncio.Event, wait: float, receive: Receive) -> None:
        told = asyncio.create_task(news.wait())
        left = asyncio.create_task(_client_left(receive))
        stopping = asyncio.create_task(self._followers.stopping.wait())
        tasks = (told, left, stopping)
        try:
            await asyncio.wait(tasks, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if left.done():
                raise ClientLeft
        finally:
            for task in tasks:
                task.cancel()


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

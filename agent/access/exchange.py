"""One request and its answer, between the server and the application: its body must come in time, its answer carries
our headers, and it goes on no longer than its caller is welcome."""

import asyncio

from agent.access.asgi import Message, Receive, Send
from agent.access.sessions import Caller
from agent.errors import AgentError

BODY_SECONDS = 10.0


class BodyTooSlow(AgentError):
    """Nobody waits longer for the rest of a request."""


class Exchange:
    """`caller` is None where everybody may ask."""

    def __init__(self, receive: Receive, send: Send, caller: Caller | None, headers: list[tuple[bytes, bytes]]) -> None:
        self._receive, self._send, self._caller, self._headers = receive, send, caller, headers
        self._until = asyncio.get_running_loop().time() + BODY_SECONDS
        self._body_is_here = self._begun = self._complete = False

    async def receive(self) -> Message:
        if self._body_is_here:
            return await self._going()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError as error:
            self._headers = [*self._headers, (b"connection", b"close")]
            raise BodyTooSlow(f"the body did not come within {BODY_SECONDS:g} s") from error
        self._body_is_here = not message.get("more_body", False)
        return message

    async def _going(self) -> Message:
        """Nothing comes after the body but the end: the caller leaves, or is signed out while a stream is open."""
        if self._caller is None:
            return await self._receive()
        left, ended = asyncio.create_task(_as_coroutine(self._receive)), asyncio.create_task(self._caller.ended.wait())
        try:
            await asyncio.wait((left, ended), return_when=asyncio.FIRST_COMPLETED)
            return left.result() if left.done() else {"type": "http.disconnect"}
        finally:
            left.cancel()
            ended.cancel()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            message["headers"] = [*message.get("headers", ()), *self._headers]
        else:
            self._complete = not message.get("more_body", False)
        await self._send(message)

    async def close(self) -> None:
        """Ends an answer that the application left open because its caller was signed out."""
        if self._begun and not self._complete:
            await self.send({"type": "http.response.body", "body": b""})


async def _as_coroutine(receive: Receive) -> Message:
    return await receive()

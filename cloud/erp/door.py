"""Who may speak at /erp, and how fast: by the token of a program, each with a pace of its own; wrong ones are slowed by
their address."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import State

from cloud.asgi import BadRequest
from cloud.attempts import Attempts
from cloud.erp.desk import ErpDesk
from cloud.erp.tokens import KnownToken
from domain.times import SECOND, Clock, Millis

WRONG_A_MINUTE = 20
A_SECOND = 50
"""Requests of one program; a request may bring 500 documents."""


class Door:
    def __init__(self, erp: ErpDesk, clock: Clock) -> None:
        self._erp, self._clock = erp, clock
        self._wrong = Attempts(WRONG_A_MINUTE, clock)
        self._pace: dict[str, tuple[Millis, int]] = {}

    async def admit(self, connection: ASGIConnection[Any, Any, Any, State]) -> KnownToken:
        """Raises `BadRequest`: 401, or 429 for one that asks too fast."""
        address = connection.client.host if connection.client else ""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        known = await self._erp.who(token.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            self._wrong.count(address)
            raise BadRequest(401, "not_the_erp", "the token is missing, wrong or revoked", "yaolink-hub erp token make")
        self._keep_pace(known.name)
        return known

    def _keep_pace(self, name: str) -> None:
        second = self._clock() // SECOND
        began, count = self._pace.get(name, (second, 0))
        count = 1 if began != second else count + 1
        self._pace[name] = second, count
        if count > A_SECOND:
            raise BadRequest(429, "too_fast", f"more than {A_SECOND} requests in a second", retry_after=1)

"""Who is an operator: the token as Bearer, or the cookie that the page sets after it.

The cookie holds a proof made from the token, not the token; a new token ends every session.
"""

import hashlib
import hmac
from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie, State
from litestar.handlers.base import BaseRouteHandler

from cloud.asgi import BadRequest
from cloud.attempts import Attempts
from domain.times import Clock

COOKIE = "yaolink_operator"
LOGINS_A_MINUTE = 20
LIFE_SECONDS = 30 * 86_400
JSON = "application/json"


class Gate:
    def __init__(self, token: str, clock: Clock, *, secure: bool) -> None:
        self._token, self._secure = token, secure
        self.attempts = Attempts(LOGINS_A_MINUTE, clock)
        self._proof = hmac.new(token.encode(), b"operator session", hashlib.sha256).hexdigest()

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    def admits(self, authorization: str, cookie: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self.is_token(token.strip())
        return hmac.compare_digest(cookie.encode(), self._proof.encode())

    def cookie(self) -> Cookie:
        """`strict`: no other site's page can make the browser use it."""
        return Cookie(
            COOKIE, value=self._proof, max_age=LIFE_SECONDS, httponly=True, samesite="strict", secure=self._secure
        )


def gate_of(connection: ASGIConnection[Any, Any, Any, State]) -> Gate:
    gate = connection.app.state.gate
    assert isinstance(gate, Gate)
    return gate


def admitted(connection: ASGIConnection[Any, Any, Any, State]) -> bool:
    authorization = connection.headers.get("authorization", "")
    return gate_of(connection).admits(authorization, connection.cookies.get(COOKIE, ""))


def operators_only(connection: ASGIConnection[Any, Any, Any, State], _: BaseRouteHandler) -> None:
    """A Litestar guard. A body that changes something must be JSON, which no form of another site can send."""
    if not admitted(connection):
        raise BadRequest(401, "not_an_operator", "the operator's token is missing or wrong", "yaolink-hub token")
    if isinstance(connection, Request) and connection.method == "POST":
        kind = connection.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        if kind != JSON:
            raise BadRequest(415, "json_only", f"a body of type {kind} is not taken here", f"send {JSON}")

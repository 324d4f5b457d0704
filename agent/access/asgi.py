"""The types of ASGI, as far as the guard meets them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def headers(scope: Scope, name: bytes) -> list[str]:
    """Every value of that header; `name` in small letters."""
    return [bytes(value).decode("latin-1") for key, value in scope["headers"] if key == name]

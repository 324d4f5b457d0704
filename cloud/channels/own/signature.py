"""Who may speak on this channel: `Authorization: Bearer KEY`."""

import hmac
from collections.abc import Mapping

from cloud.channels.base import BadSignature

HINT = "send `Authorization: Bearer KEY` with the key that `yaolink-hub secret set own` was given"


def check(headers: Mapping[str, str], api_key: str) -> None:
    """Raises `BadSignature`. An empty key lets nobody in."""
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    scheme, _, key = given.partition(" ")
    right = hmac.compare_digest(key.strip().encode(), api_key.encode())
    if scheme.lower() != "bearer" or not api_key or not right:
        raise BadSignature("the key is missing or wrong", HINT)

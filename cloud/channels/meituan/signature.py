"""The platform's digest, the same for our calls and its pushes (facts/channels.md §1.1, §1.2)."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

UNSIGNED = frozenset({"sig", "img_data"})


def sign(url: str, params: Mapping[str, str], secret: str) -> str:
    """`url` is without query, `params` are in the order of their names. Values are raw, never percent-encoded; empty
    ones count. Bytes that are no UTF-8 stand in the texts as surrogates, and are signed as they came."""
    pairs = "&".join([f"{name}={value}" for name, value in params.items() if name not in UNSIGNED])
    text = f"{url}?{pairs}{secret}".encode("utf-8", "surrogateescape")
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def matches(registered_url: str, params: Mapping[str, str], secret: str) -> bool:
    """Whether a push carries our platform's signature. The query of a registered URL joins what is signed."""
    url, _, query = registered_url.partition("?")
    if query:
        params = in_order({**params, **registered_query(registered_url)})
    given = params.get("sig", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, sign(url, params, secret).encode())


def registered_query(registered_url: str) -> dict[str, str]:
    query = registered_url.partition("?")[2]
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def in_order(params: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(params.items()))

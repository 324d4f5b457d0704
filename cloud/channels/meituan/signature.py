"""The platform's digest, the same for our calls and its pushes (facts/channels.md §1.1, §1.2).

It is taken over bytes: a push that is signed right but not UTF-8 is then told apart from a forged one.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

UNSIGNED = frozenset({b"sig", b"img_data"})


def sign(url: str, params: Mapping[bytes, bytes], secret: str) -> str:
    """`url` is without query. Values are raw, never percent-encoded; empty ones count."""
    pairs = b"&".join([b"%b=%b" % (name, params[name]) for name in sorted(params) if name not in UNSIGNED])
    text = b"%b?%b%b" % (url.encode(), pairs, secret.encode())
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def sign_texts(url: str, params: Mapping[str, str], secret: str) -> str:
    """For our own calls."""
    return sign(url, {name.encode(): value.encode() for name, value in params.items()}, secret)


def matches(registered_url: str, params: Mapping[bytes, bytes], secret: str) -> bool:
    """Whether a push carries our platform's signature. The query of a registered URL joins what is signed."""
    url, _, query = registered_url.partition("?")
    if query:
        params = {**params, **registered_query(registered_url)}
    return hmac.compare_digest(params.get(b"sig", b""), sign(url, params, secret).encode())


def registered_query(registered_url: str) -> dict[bytes, bytes]:
    query = registered_url.partition("?")[2]
    return {name.encode(): value.encode() for name, value in parse_qsl(query, keep_blank_values=True)} if query else {}

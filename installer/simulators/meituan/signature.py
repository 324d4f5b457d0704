"""The platform's digest, for calls and pushes alike (facts/channels.md §1.1, §1.2)."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit, urlunsplit

UNSIGNED = frozenset({"sig", "img_data"})


def signed_text(url: str, params: Mapping[str, str], secret: str) -> str:
    """URL without its query, "?", the raw values sorted by name, and the secret glued to the end.

    A registered callback URL that has a query of its own lends its parameters to the digest (one source only).
    """
    parts = urlsplit(url)
    merged = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(params)
    pairs = "&".join(f"{name}={merged[name]}" for name in sorted(merged) if name not in UNSIGNED)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) + "?" + pairs + secret


def sign(url: str, params: Mapping[str, str], secret: str) -> str:
    return hashlib.md5(signed_text(url, params, secret).encode(), usedforsecurity=False).hexdigest()


def matches(sig: str, url: str, params: Mapping[str, str], secret: str) -> bool:
    return hmac.compare_digest(sig.encode(), sign(url, params, secret).encode())

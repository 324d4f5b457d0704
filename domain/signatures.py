"""What a device key signs: one form for every request, so that hub and agent cannot read it differently.

A signature binds a request to one session: nothing of it can be changed, and it cannot be used in another.
"""

import hashlib
from collections.abc import Iterable

import msgspec

SIGNATURE = "Yaolink-Signature"
"""The header: the Ed25519 signature of `to_sign`, in hexadecimal."""


def to_sign(
    method: str,
    path: str,
    query: Iterable[tuple[str, str]] = (),
    *,
    under: str,
    body: bytes | None = None,
    digest: str = "",
) -> bytes:
    """`path` is that of `domain.protocol`, without what a proxy puts before it; `under` the session's token, or what
    stands in its place while there is none: the nonce, the pairing code as it was sent. `digest` is the SHA-256 of the
    body in hexadecimal where the body itself is not at hand."""
    said = ["yaolink", method, path, sorted(query), under, digest or hashlib.sha256(body or b"").hexdigest()]
    return msgspec.json.encode(said)

"""Blobs: prescription images and photos, named by what they are (design.md §1). They travel beside the logs, in pieces,
and may come late. Each belongs to one order and is sealed under its key at both sides."""

import hashlib

import msgspec

LARGEST = 8 * 1024 * 1024
"""Bytes; a phone's photo of a prescription has 2 to 5 million."""
PICTURES = ("image/jpeg", "image/png", "image/webp")
"""Media types that are shown; whatever else comes is kept and offered for download."""


class Blob(msgspec.Struct, frozen=True):
    """`digest` is the SHA-256 of the plain bytes in hexadecimal; `size` is in bytes."""

    digest: str
    size: int
    media_type: str


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

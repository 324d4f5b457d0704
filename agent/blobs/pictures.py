"""What kind of picture some bytes are, by how they begin. Nobody's word is taken for it: what a page shows is what a
browser will try to understand."""

_SIGNS = (("image/jpeg", b"\xff\xd8\xff", 0), ("image/png", b"\x89PNG\r\n\x1a\n", 0), ("image/webp", b"WEBP", 8))
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def ending_of(content: bytes) -> str:
    """Of a file that a person can open; for saving only, where it is no picture."""
    return "pdf" if content.startswith(b"%PDF-") else EXTENSIONS.get(media_type_of(content), "bin")


def media_type_of(content: bytes) -> str:
    """One of `domain.blobs.PICTURES`; empty for anything else."""
    return next((kind for kind, sign, at in _SIGNS if content[at : at + len(sign)] == sign), "")

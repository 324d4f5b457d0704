"""The token of the ERP's program: made by a person, kept as its hash, good for the ERP's paths and nothing else.

It outlives restarts, unlike the page's token, so that nobody has to tell the ERP a new one each morning.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from agent.private_file import write_private

FILE = "erp.token"
_PATHS = ("/api/erp/sales", "/api/erp/counts", "/api/erp/receipts", "/api/erp/documents")
_ANSWERS = ("acknowledge", "refuse")


class ErpToken:
    """May be asked from any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def make(self) -> str:
        """A new one; the one before opens nothing any more. Raises OSError."""
        token = secrets.token_urlsafe(32)
        write_private(self._path, _digest(token).encode())
        return token

    def opens(self, token: str) -> bool:
        try:
            kept = self._path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return False
        return hmac.compare_digest(kept, _digest(token))


def is_for_erp(path: str) -> bool:
    """Whether the ERP may ask for it: its feeds, our documents, its answers to them."""
    if path in _PATHS:
        return True
    parts = path.removeprefix("/api/erp/documents/").split("/")
    return path.startswith("/api/erp/documents/") and len(parts) == 2 and parts[1] in _ANSWERS


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

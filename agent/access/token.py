"""The token of this start: it opens the local API to whoever may read our data folder, and to the tray it is handed to.

It lives in memory and, while the agent runs, in DATA/page.token, which only the service's own account (and the
superuser) may read. One that a killed agent left behind opens nothing.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from agent.private_file import write_private

TOKEN_FILE = "page.token"
TOKEN_BYTES = 32


def page_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


class WayIn(msgspec.Struct, frozen=True):
    """What the tray is handed, as one line of JSON."""

    url: str
    token: str


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


@contextmanager
def kept(folder: Path, token: str) -> Iterator[None]:
    """Raises OSError."""
    path = folder / TOKEN_FILE
    write_private(path, token.encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)

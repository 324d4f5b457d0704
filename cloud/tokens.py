"""Nonces and tokens: stateless, known by the hub's own mark (HMAC-SHA256), so that they survive its restart.

Their times are the hub's alone; no store's clock counts (facts/sync.md R15).
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from domain.times import MINUTE, Millis

NONCE_LIFE: Millis = 2 * MINUTE
TOKEN_LIFE: Millis = 30 * MINUTE
MARK_BYTES = 16


class Nonce(msgspec.Struct, frozen=True, array_like=True):
    """`sessions`: how many this pairing had begun when it was given out; it is good for the next one only."""

    device: str
    paired_at: Millis
    sessions: int
    at: Millis


class Token(msgspec.Struct, frozen=True, array_like=True):
    """Of one run of the agent's program, by one key (`mark_of`). `sessions` counts this one: a hub that has counted
    fewer was put back to an earlier day."""

    device: str
    paired_at: Millis
    sessions: int
    boot: str
    key: bytes
    expires_at: Millis


def mark_of(public_key: bytes) -> bytes:
    return hashlib.sha256(public_key).digest()[:8]


Given = TypeVar("Given", Nonce, Token)


class Tokens:
    def __init__(self, secret: bytes) -> None:
        self._keyed = hmac.new(secret, digestmod=hashlib.sha256)
        """Copied for each: to begin anew with the key costs three times as much, and every request has a token."""

    def nonce(self, nonce: Nonce) -> str:
        return self._written(nonce)

    def token(self, token: Token) -> str:
        return self._written(token)

    def read_nonce(self, text: str, now: Millis) -> Nonce | None:
        """None for what this hub did not give out, or gave out too long ago."""
        nonce = self._read(text, Nonce)
        return nonce if nonce is not None and abs(now - nonce.at) <= NONCE_LIFE else None

    def read_token(self, text: str, now: Millis) -> Token | None:
        """A hub's clock that was set back does not make a token live longer than twice its life."""
        token = self._read(text, Token)
        return token if token is not None and now < token.expires_at <= now + 2 * TOKEN_LIFE else None

    def _written(self, given: Nonce | Token) -> str:
        content = msgspec.msgpack.encode(given)
        return urlsafe_b64encode(self._mark(type(given), content) + content).rstrip(b"=").decode()

    def _read(self, text: str, kind: type[Given]) -> Given | None:
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            mark, content = raw[:MARK_BYTES], raw[MARK_BYTES:]
            if not hmac.compare_digest(mark, self._mark(kind, content)):
                return None
            return msgspec.msgpack.decode(content, type=kind)
        except (ValueError, msgspec.MsgspecError):
            return None

    def _mark(self, kind: type[Nonce] | type[Token], content: bytes) -> bytes:
        """A nonce is never taken for a token."""
        keyed = self._keyed.copy()
        keyed.update(kind.__name__.encode() + b"\0" + content)
        return keyed.digest()[:MARK_BYTES]

"""The browsers that were let in.

A browser holds a random secret in a cookie that no script can read; we keep its hash, which opens nothing. Sessions
survive a restart in DATA/sessions.json and end after seven days without use. Lives in the event loop's thread; only
saving goes to another.
"""

import asyncio
import hashlib
import logging
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import msgspec

from agent.access.limits import KNOWN, Bucket
from agent.private_file import write_private
from domain.times import DAY, Clock, Millis

log = logging.getLogger(__name__)

FILE = "sessions.json"
IDLE: Millis = 7 * DAY
MOST = 64
"""The one that was unused for longest goes when more browsers come."""


@dataclass(slots=True, eq=False)
class Caller:
    """Somebody who proved himself. `ended` is set when what he proved it with opens nothing any more."""

    kind: ClassVar[str] = "the token"
    """By what, for the log."""
    requests: Bucket = field(default_factory=lambda: Bucket(KNOWN))
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False, kw_only=True)
class Session(Caller):
    kind: ClassVar[str] = "a browser"
    used_at: Millis


class Kept(msgspec.Struct, frozen=True):
    """As it stands in the file."""

    digest: str
    used_at: Millis


_decoder = msgspec.json.Decoder(list[Kept])


class Sessions:
    def __init__(self, path: Path, clock: Clock) -> None:
        """Takes up those that are kept. A damaged file costs the clerks one click on the tray, nothing more."""
        self._path, self._clock = path, clock
        self._saving = asyncio.Lock()
        self._open = {kept.digest: Session(used_at=min(kept.used_at, clock())) for kept in _read(path)}

    def begin(self) -> str:
        """The secret for the cookie of a new session."""
        self._forget_idle()
        while len(self._open) >= MOST:
            self._end(min(self._open, key=lambda digest: self._open[digest].used_at))
        secret = secrets.token_urlsafe(32)
        self._open[_digest(secret)] = Session(used_at=self._clock())
        return secret

    def find(self, secret: str) -> Session | None:
        """Being looked for is being used."""
        self._forget_idle()
        session = self._open.get(_digest(secret))
        if session is not None:
            session.used_at = self._clock()
        return session

    def end_all(self) -> int:
        """Every browser must be let in again."""
        ended = len(self._open)
        for digest in list(self._open):
            self._end(digest)
        return ended

    async def save(self) -> None:
        """Whole or not at all. A full disk costs nobody his session: it lives on in memory."""
        async with self._saving:
            kept = [Kept(digest, session.used_at) for digest, session in self._open.items()]
            try:
                await asyncio.to_thread(write_private, self._path, msgspec.json.encode(kept))
            except OSError as error:
                log.warning("sessions are not kept over a restart: %s", error)

    def _forget_idle(self) -> None:
        since = self._clock() - IDLE
        for digest in [digest for digest, session in self._open.items() if session.used_at < since]:
            self._end(digest)

    def _end(self, digest: str) -> None:
        self._open.pop(digest).ended.set()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(path: Path) -> list[Kept]:
    try:
        return _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("%s cannot be read, every browser must be let in again: %s", path, error)
        return []

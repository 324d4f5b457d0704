"""What opens one local server: its token, its one-time links, its sessions. Lives in the event loop's thread."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from agent.access.erp_token import ErpToken, is_for_erp
from agent.access.limits import STRANGERS, Bucket
from agent.access.links import Links
from agent.access.sessions import FILE, Caller, Sessions
from agent.access.token import WayIn, kept, new_token, page_url
from domain.times import Clock

log = logging.getLogger(__name__)

SAVE_EVERY_SECONDS = 900.0
"""When sessions were used last is lost for so long if the power goes."""


class ErpProgram(Caller):
    kind = "the ERP"


class Access:
    def __init__(self, *, port: int, sessions: Sessions, erp: ErpToken) -> None:
        self.port, self.sessions, self.links, self.erp = port, sessions, Links(), erp
        self.strangers = Bucket(STRANGERS)
        self.token = new_token()
        self._holder, self._erp = Caller(), ErpProgram()

    @property
    def way_in(self) -> bytes:
        """What the tray is handed."""
        return msgspec.json.encode(WayIn(page_url(self.port), self.token)) + b"\n"

    def link(self, page: str = "/") -> str:
        """An address that opens `page` in any browser of this computer, once, within a minute."""
        return f"{page_url(self.port)}?link={self.links.make(page)}"

    def holder(self, token: str, path: str) -> Caller | None:
        """Whoever knows the token, all of them one caller; for its own paths the ERP's program, by its own."""
        if hmac.compare_digest(token.encode(), self.token.encode()):
            return self._holder
        return self._erp if is_for_erp(path) and self.erp.opens(token) else None

    async def end_sessions(self) -> int:
        ended = self.sessions.end_all()
        await self.sessions.save()
        log.info("%d browsers were signed out", ended)
        return ended


@asynccontextmanager
async def local_access(folder: Path, *, port: int, clock: Clock) -> AsyncIterator[Access]:
    """A new token, readable in the folder while this lasts; the sessions of earlier starts. Raises OSError."""
    sessions, over = Sessions(folder / FILE, clock), asyncio.Event()
    access = Access(port=port, sessions=sessions, erp=ErpToken(folder))
    with kept(folder, access.token):
        saving = asyncio.create_task(_save_now_and_then(access.sessions, over))
        try:
            yield access
        finally:
            over.set()
            await saving


async def _save_now_and_then(sessions: Sessions, over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(SAVE_EVERY_SECONDS):
                await over.wait()
        await sessions.save()

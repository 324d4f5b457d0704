"""Pairing without a person: by the pairing.toml that `yaolink-agent configure` left beside agent.toml.

Tried until the hub answers, for days if need be. The file goes once the store is paired, by whomever; a code that the
hub refuses is set aside as pairing.refused, with the reason in its first line, and no longer tried. The hub gives the
same device the same store again by the same code, so that neither a lost answer nor a crash spends a code for nothing.
Lives in the event loop's thread.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from agent import store
from agent.config import BadConfig
from agent.configuring import PAIRING, Prepared, read_pairing
from agent.errors import AgentError
from agent.files import WorkFile
from agent.hub_errors import HubRefused, HubUnreachable
from agent.pairing import BadPairing, Pairing
from agent.patience import Backoff, Patience, Spread
from agent.private_file import write_private

log = logging.getLogger(__name__)

REFUSED = "pairing.refused"
_REASON = "# refused: "


class Enrolling:
    """`problem` is why it has not succeeded, for page, status and doctor; empty where there is nothing to say."""

    def __init__(
        self,
        folder: Path | None,
        *,
        work: WorkFile,
        pairing: Pairing,
        patience: Patience,
        spread: Spread,
        on_change: Callable[[], None],
    ) -> None:
        """`folder` is agent.toml's; None where the agent was started without one: nothing is enrolled then."""
        self._folder, self._work, self._pairing = folder, work, pairing
        self._patience, self._spread, self._on_change = patience, spread, on_change
        self._running: asyncio.Task[None] | None = None
        self.problem = ""

    def start(self) -> None:
        if self._folder is not None:
            self._running = asyncio.create_task(self._run(self._folder), name="enrolling")

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait((self._running,))

    async def _run(self, folder: Path) -> None:
        """Until the store is paired. The file may come later than the service, and a new one after a refused one."""
        waits = Backoff(self._patience, self._spread)
        while True:
            try:
                if (await self._work.aread(store.identity)).paired:
                    break
                pause = await self._try(folder, waits)
            except Exception:  # whatever it is, the store must not stay unpaired for it
                log.exception("pairing by %s goes on after an error", folder / PAIRING)
                pause = waits.next()
            await asyncio.sleep(pause)
        self._say("")
        _discard(folder / PAIRING)
        _discard(folder / REFUSED)

    async def _try(self, folder: Path, waits: Backoff) -> float:
        """Seconds until the next look."""
        try:
            prepared = read_pairing(folder / PAIRING)
        except BadConfig as error:
            self._say(str(error))
            return self._patience.look
        if prepared is None:
            self._say(_reason(folder / REFUSED))
            return self._patience.look
        return await self._pair(folder, prepared, waits)

    async def _pair(self, folder: Path, prepared: Prepared, waits: Backoff) -> float:
        try:
            await self._pairing.pair_first(prepared.hub, prepared.code)
        except (HubRefused, BadPairing) as error:
            self._say(str(error))
            _set_aside(folder, prepared, str(error))
            return self._patience.look
        except HubUnreachable as error:
            self._say(str(error))
            return waits.next(error.retry_after)
        except AgentError as error:
            self._say(str(error))
            return waits.next()
        return 0.0

    def _say(self, problem: str) -> None:
        """The code is in no problem: whoever words one does not know it."""
        if problem == self.problem:
            return
        self.problem = problem
        if problem:
            log.warning("not paired yet: %s", problem)
        self._on_change()


def _set_aside(folder: Path, prepared: Prepared, reason: str) -> None:
    """Kept whole or not at all, then taken away: a crash between the two asks the hub once more."""
    lines = (f"{_REASON}{' '.join(reason.split())}", f'hub = "{prepared.hub}"', f'code = "{prepared.code}"', "")
    write_private(folder / REFUSED, "\n".join(lines).encode())
    _discard(folder / PAIRING)


def _reason(refused: Path) -> str:
    try:
        first = refused.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""
    return first.removeprefix(_REASON)


def _discard(path: Path) -> None:
    """A file in a folder that is not ours to change is emptied instead: nothing of the code stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        _empty(path)


def _empty(path: Path) -> None:
    try:
        path.write_bytes(b"")
    except OSError as error:
        log.warning("%s is not needed any more and cannot be deleted: %s", path, error)

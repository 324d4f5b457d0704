"""Which agents may speak, kept in memory so that a session's requests are admitted without asking the database.

It is read at the start. What other processes changed is read with every heartbeat; what this process changed is dropped
at once. An agent that is not in it, or not as its token says, is looked up in the database.
"""

from collections.abc import Sequence
from functools import partial

from cloud import sessions
from cloud.errors import HubError, SessionOver
from cloud.restoring import RESTORED
from cloud.sessions import Standing
from cloud.tokens import Token
from cloud.transaction import AuditEntry
from cloud.writer import Writer
from domain.times import MINUTE, Clock, Millis

LATE: Millis = MINUTE
"""Read so far back: a transaction may commit later than the time it bears, and another process's clock be behind."""


class CountedMore(SessionOver):
    """The token is of a later session than the hub has counted: the hub was restored since it gave the token out."""


class Register:
    """Lives in the event loop's thread."""

    def __init__(self, writer: Writer, chain: str, clock: Clock) -> None:
        self._writer, self._chain, self._clock = writer, chain, clock
        self._standing: dict[tuple[str, Millis], Standing] = {}
        self._read_at: Millis = 0
        self._changes = 0

    async def refresh(self) -> None:
        """Reads what other processes changed; again where something changed in this one meanwhile."""
        changes = -1
        while changes != self._changes:
            changes, now = self._changes, self._clock()
            asked = partial(sessions.changed_since, chain=self._chain, since=self._read_at - LATE)
            found = await self._writer.read(asked)
        self._read_at = now
        for who, one in found.items():
            if one is None:
                self._standing.pop(who, None)
            else:
                self._standing[who] = one

    def begun(self, one: Standing) -> None:
        self._changes += 1
        self._standing[one.agent.device, one.agent.paired_at] = one

    def heard(self, happened: Sequence[AuditEntry]) -> None:
        """Call it after each commit. Agents of which the audit tells something are looked up when they speak next; all
        of them once the hub was restored."""
        stores = {entry.store for entry in happened if entry.action.startswith("agent.")}
        everybody = any(entry.action == RESTORED for entry in happened)
        if not stores and not everybody:
            return
        self._changes += 1
        kept = {} if everybody else self._standing
        self._standing = {who: one for who, one in kept.items() if one.agent.store not in stores}

    async def of(self, token: Token) -> Standing:
        """Raises `SessionOver` (`CountedMore`), `UnknownKey`, `Revoked` and `Frozen`."""
        found = self._standing.get((token.device, token.paired_at))
        if found is None or not _is_of(found, token):
            found = await self._looked_up(token)
        if token.sessions > found.sessions:
            raise CountedMore("this session was begun before the hub was put back")
        if not _is_of(found, token):
            raise SessionOver("another run of this agent speaks now, or with another key")
        return found

    def stands(self, token: Token) -> bool:
        """Whether the token may speak, as far as is known in memory. False: the database must be asked."""
        found = self._standing.get((token.device, token.paired_at))
        return found is not None and _is_of(found, token)

    async def is_over(self, token: Token) -> bool:
        """Whether a stream that began with this token must end."""
        try:
            await self.of(token)
        except HubError as error:
            return not error.retryable
        return False

    async def _looked_up(self, token: Token) -> Standing:
        changes = self._changes
        asked = partial(sessions.standing, chain=self._chain, device=token.device, paired_at=token.paired_at)
        found = await self._writer.read(asked)
        if changes == self._changes:
            self._standing[token.device, token.paired_at] = found
        return found


def _is_of(one: Standing, token: Token) -> bool:
    """A token of a later session than was counted is from before the hub was restored: it is not this agent's now."""
    is_this_run = one.agent.boot == token.boot and one.mark == token.key
    return is_this_run and token.sessions <= one.sessions

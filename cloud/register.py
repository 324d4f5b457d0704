"""Who may speak, in memory: a session's requests are admitted without the database.

Read at the start; what other processes changed is read every heartbeat, what this one changed is forgotten at once.
What is not here, or not as the token says, is looked up.
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
"""A transaction commits so much later than it began, and another process's clock is so much behind, at most."""


class CountedMore(SessionOver):
    """The hub gave this token out, and knows of fewer sessions than it counts."""


class Register:
    """Lives in the event loop's thread."""

    def __init__(self, writer: Writer, chain: str, clock: Clock) -> None:
        self._writer, self._chain, self._clock = writer, chain, clock
        self._standing: dict[tuple[str, Millis], Standing] = {}
        self._read_at: Millis = 0
        self._changes = 0

    async def refresh(self) -> None:
        """What was read before something changed here is not taken."""
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
        """After a commit: agents of which something was written down are looked up when they speak next; all of them
        once the hub was put back."""
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
        """It may speak, as far as is known here. False: the database must be asked."""
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
    """A token of more sessions than were counted is from before the hub was put back to an earlier day."""
    is_this_run = one.agent.boot == token.boot and one.mark == token.key
    return is_this_run and token.sessions <= one.sessions

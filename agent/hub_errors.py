"""What can go wrong between this agent and its hub.

Three kinds: no answer that counts (try again with the same key), a refusal in the hub's own words, and an agent that
may not speak. An answer that is not the hub's (a network's login page, a proxy's error) is no answer.

HubError
├── HubUnreachable        no answer that counts
│   ├── SessionOver       the session is; nothing was done
│   └── StreamMute        open, and nothing comes through
└── HubRefused            understood, and not done
    └── NotAdmitted       KeyUnknown, Frozen, Revoked
"""

from agent.errors import AgentError
from domain import protocol
from domain.protocol import Problem

TRY_AGAIN = frozenset({408, 425, 429})
"""With every 5xx: statuses that say nothing about the request itself."""


class HubError(AgentError):
    """Something between this agent and its hub."""


class HubUnreachable(HubError):
    """No answer that counts; what was sent may or may not have arrived. `retry_after` is the hub's wish, in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, retryable=True)
        self.retry_after = retry_after


class SessionOver(HubUnreachable):
    """The session's token is not taken any longer; nothing else is wrong, and nothing was done."""


class StreamMute(HubUnreachable):
    """The stream is open and nothing comes through it: something on the way swallows it."""


class HubRefused(HubError):
    """The hub understood the request and will not do it."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.message, hint=problem.hint)
        self.status, self.problem = status, problem


class NotAdmitted(HubRefused):
    """Not this request is refused, but this agent: whoever hears it stops talking."""


class KeyUnknown(NotAdmitted):
    """The hub does not know this device's key: paired with another hub, or the hub was restored from a backup."""


class Frozen(NotAdmitted):
    """Two computers speak as this one agent; neither may, until a person has settled it."""


class Revoked(NotAdmitted):
    """This agent may no longer speak for its store."""


_NOT_ADMITTED: dict[tuple[int, str], type[NotAdmitted]] = {
    (401, protocol.UNKNOWN_KEY): KeyUnknown,
    (403, protocol.FROZEN): Frozen,
    (403, protocol.REVOKED): Revoked,
}


def refusal(status: int, problem: Problem | None, retry_after: float | None) -> HubError:
    """Only the hub's own words refuse for good; a status alone may come from anything on the way. So may a 401."""
    if status in TRY_AGAIN or status >= 500:
        return HubUnreachable(f"the hub is not ready (HTTP {status})", retry_after=retry_after)
    if problem is None:
        return HubUnreachable(f"something other than the hub answered (HTTP {status}); a login page of this network?")
    if status == 401 and problem.error == protocol.SESSION_OVER:
        return SessionOver(problem.message)
    kind = _NOT_ADMITTED.get((status, problem.error))
    if kind is None and status == 401:
        return HubUnreachable(f"something other than the hub answered (HTTP {status}): {problem.message}")
    return (kind or HubRefused)(status, problem)

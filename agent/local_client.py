"""The command line's way to the running agent: its local API with the token from its data folder. Standard library
only, so that a command answers at once."""

import urllib.error
import urllib.request
from http import HTTPStatus
from typing import TypeVar

import msgspec

from agent.access.answers import PageLink, SignedOut
from agent.access.token import TOKEN_FILE, page_url
from agent.config import Settings
from agent.errors import AgentError
from domain.protocol import Problem

T = TypeVar("T")

PATIENCE_SECONDS = 60.0
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotRunning(AgentError):
    """No agent answers with these settings."""


class NotYours(NotRunning):
    """Whether one runs, this account cannot ask."""


class SaidNo(AgentError):
    """The running agent refused, and says why."""


class UnknownToken(SaidNo):
    """The running agent does not know the token in our data folder."""


class LocalClient:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def token(self) -> str:
        """Raises NotRunning: the file is there while the agent runs, and only the agent's own account may read it."""
        path = self._settings.folder / TOKEN_FILE
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise NotRunning(f"there is no {path}", hint="start the agent first: yaolink-agent run") from error
        except PermissionError as error:
            raise NotYours(
                f"{path} is not yours to read", hint="run this as the agent's user, root or an administrator"
            ) from error

    def page_link(self, page: str = "/") -> str:
        """An address that opens the page in any browser of this computer, once, within a minute."""
        return self.post("/api/page-links", {"page": page}, PageLink).url

    def sign_out(self) -> int:
        """How many browsers held a session."""
        return self.post("/api/sign-out", {}, SignedOut).browsers

    def get(self, path: str, answer: type[T]) -> T:
        return self._ask("GET", path, answer)

    def post(self, path: str, body: object, answer: type[T]) -> T:
        return self._ask("POST", path, answer, msgspec.json.encode(body))

    def _ask(self, method: str, path: str, answer: type[T], body: bytes | None = None) -> T:
        """Once more where the agent has started again between our reading its token and its answer."""
        token = self.token
        try:
            return self._try(token, method, path, answer, body)
        except UnknownToken:
            if self.token == token:
                raise
            return self._try(self.token, method, path, answer, body)

    def _try(self, token: str, method: str, path: str, answer: type[T], body: bytes | None) -> T:
        request = urllib.request.Request(
            page_url(self._settings.page_port).rstrip("/") + path,
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        try:
            with _NO_PROXY.open(request, timeout=PATIENCE_SECONDS) as response:
                return msgspec.json.decode(response.read(), type=answer)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from error
        except (OSError, msgspec.MsgspecError) as error:
            raise NotRunning(
                f"no agent answers on port {self._settings.page_port}: {getattr(error, 'reason', error)}",
                hint="start it: yaolink-agent run",
            ) from error


def _refusal(status: int, body: bytes) -> AgentError:
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.MsgspecError:
        return NotRunning("something else answers on this port", hint="look at page_port in agent.toml")
    if status == HTTPStatus.UNAUTHORIZED:
        return UnknownToken("another agent answers on this port", hint="look at page_port and data in agent.toml")
    return SaidNo(problem.message, hint=problem.hint)

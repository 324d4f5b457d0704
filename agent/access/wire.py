"""One connection to the local server, held to what a browser does.

uvicorn waits for ever for the headers of a request and takes any amount of them. Here a connection that does not say
what it wants is closed after some seconds, earlier where there are many of them, and so is one that talks too long.
Strangers can therefore not use up our memory or our files: nothing else is needed to reach this code than an account on
this computer.
"""

import asyncio
import logging
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from agent.access.guard import LARGEST_HEAD

HEAD_SECONDS = 10.0
MOST_SILENT = 128
"""Beyond it the connection that was silent for longest is closed for each new one. A browser's own speaks at once."""

_quiet = logging.getLogger("uvicorn.error.local")
_quiet.setLevel(logging.ERROR)
"""What nonsense a stranger sends is not worth a line each time."""


class Connection(HttpToolsProtocol):
    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _quiet
        self._head_bytes = 0
        self._whole = True
        self._timer: asyncio.TimerHandle | None = None
        self.silent_since: float | None = None
        """None while a request is at work."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.silent_since = self.loop.time()
        self._set_timer()
        silent = {
            other: other.silent_since
            for other in self.connections
            if isinstance(other, Connection) and other.silent_since is not None
        }
        if len(silent) > MOST_SILENT:
            min(silent, key=silent.__getitem__).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.silent_since is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.silent_since is not None and self._head_bytes > LARGEST_HEAD:
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._whole = False
        if self._timer is None:
            self._set_timer()

    def on_headers_complete(self) -> None:
        """Raises ValueError, which uvicorn answers by 400: we are no proxy, so a request names a path and no host."""
        self._forget_timer()
        self.silent_since = None
        if not self.url.startswith(b"/"):
            raise ValueError("not a path")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._whole = True
        if self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() or not self.cycle.response_complete:
            return
        if self._whole:
            self._rest()
        else:  # the answer did not need the body: what is left of it must come soon
            self._set_timer()

    def _rest(self) -> None:
        """Between two requests uvicorn's own, shorter time limit holds until the next one begins."""
        self._forget_timer()
        self._head_bytes, self.silent_since = 0, self.loop.time()

    def _set_timer(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

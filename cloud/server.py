"""Runs the hub under uvicorn, and says bye to open streams before it stops."""

import importlib.metadata
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from cloud.app import Hub
from cloud.connections import Connection

GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    """uvicorn waits for open streams when it stops; they are ended first (facts/sync.md §3.4)."""

    def __init__(self, config: uvicorn.Config, hub: Hub, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._hub, self._ready = hub, ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn raises the signal again at its end, which would kill the process before the hub has stopped."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._hub.say_bye()
        await super().shutdown(sockets)


class Serving:
    """One run of the hub on a socket that already listens. `ready` is called once requests are answered."""

    def __init__(self, hub: Hub, listener: socket.socket, ready: Callable[[], None]) -> None:
        self._hub, self._listener = hub, listener
        config = uvicorn.Config(
            hub,
            http=Connection,
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="info",  # without one of its own each connection is told at the level of traces, and thrown away
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
            headers=[("server", f"yaolink-hub/{importlib.metadata.version('yaolink')}")],
        )
        self._server = _Server(config, hub, ready)

    async def run(self) -> None:
        """Until a signal or `end`."""
        await self._hub.start()
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            await self._hub.stop()

    def end(self) -> None:
        """Like a signal; from any thread."""
        self._server.should_exit = True

"""The simulator as a server: put together, started, stopped."""

import asyncio
import contextlib
import json
import logging
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Self

import uvicorn
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import Scope

from installer.simulators.meituan.answers import Counter
from installer.simulators.meituan.api import Door, platform_call
from installer.simulators.meituan.control import router
from installer.simulators.meituan.customer import ScriptedCustomer
from installer.simulators.meituan.deeds import Stage
from installer.simulators.meituan.errors import ConfigError, SimulatorError
from installer.simulators.meituan.pictures import picture
from installer.simulators.meituan.platform import Platform
from installer.simulators.meituan.refunds import Refunds
from installer.simulators.meituan.rider import ScriptedRider
from installer.simulators.meituan.settings import Config

logger = logging.getLogger(__name__)


class QuietServer(uvicorn.Server):
    """Leaves signals to whoever runs it: this server also lives inside other programs."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Simulator:
    """`async with Simulator(config) as simulator: …simulator.url…`; port 0 takes a free one."""

    def __init__(
        self,
        config: Config,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        self.platform = Platform(config, clock=clock)
        refunds = Refunds(self.platform)
        self.door = Door(self.platform, Counter(self.platform, refunds))
        self.customer = ScriptedCustomer(self.platform, chance=chance or random.Random())
        self._rider = ScriptedRider(self.platform)
        self.platform.picked = self._rider.picked
        self._stage = Stage(self.platform, refunds)
        self._address = (host, port)
        self._server: QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Calls are taken from the moment this returns."""
        application = self._application()
        listener = _listen(*self._address)
        host, port = listener.getsockname()[:2]
        self.url = self.platform.url = f"http://{host}:{port}"
        self.platform.pusher.start()
        settings = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=2)
        self._server = QuietServer(settings)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        logger.info("listening on %s", self.url)

    async def stop(self) -> None:
        await self.customer.stop()
        await self._rider.stop()
        self.door.close()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        await self.platform.pusher.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _application(self) -> Litestar:
        parts = {"stage": self._stage, "door": self.door, "customer": self.customer}
        return Litestar(
            route_handlers=[platform_call, picture, router(self.platform.config.control_token)],
            dependencies={name: _given(part) for name, part in parts.items()},
            after_exception=[_report],
            openapi_config=None,
            logging_config=None,
        )


async def serve(
    config: Config, *, host: str = "127.0.0.1", port: int = 0, announce: Callable[[str], None] = print
) -> None:
    """Run until SIGTERM or SIGINT; `announce` gets one JSON line with the bound address."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    async with Simulator(config, host=host, port=port) as simulator:
        announce(json.dumps({"listening": simulator.url}))
        await stopping.wait()


async def _report(error: Exception, scope: Scope) -> None:
    """A refusal is an answer; anything else is a fault of this program and is told with its traceback."""
    if not isinstance(error, (SimulatorError, HTTPException)):
        logger.error("%s %s failed", scope["type"], scope["path"], exc_info=error)


def _given(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False, use_cache=True)


def _listen(host: str, port: int) -> socket.socket:
    """asyncio switches Nagle off only for sockets made with an explicit TCP protocol number; with it on, every answer
    waits 40 ms for a delayed ACK. Accepted sockets inherit the option set here.
    """
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(f"cannot listen on {host}:{port}: {reason}") from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener

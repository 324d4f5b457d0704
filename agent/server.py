"""The local server: 127.0.0.1 only, behind the guard. Its port is taken before anything else is built, so that a
second agent is told in one sentence."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator, Sequence
from typing import cast

import uvicorn
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from agent import (
    bundle_api,
    doctor_api,
    journal_api,
    local_api,
    picking_api,
    set_aside_api,
    settings_api,
    tray_api,
)
from agent.access import api as access_api
from agent.access.access import Access
from agent.access.api import NoSuchPage
from agent.access.asgi import App
from agent.access.exchange import BodyTooSlow
from agent.access.guard import Guard
from agent.access.wire import Connection
from agent.changes import Changes
from agent.config import BadConfig
from agent.documents import api as documents_api
from agent.erp import api as erp_api
from agent.erp.feeds import BadFeed
from agent.errors import AgentError, NotFound, WorkRefused
from agent.hub_errors import HubRefused
from agent.jobs import api as jobs_api
from agent.lots import api as lots_api
from agent.pages import routes
from agent.pairing import BadPairing
from agent.parts import Parts
from agent.picking import returns_api
from agent.prescriptions import api as prescriptions_api
from agent.printing import api as printing_api
from agent.printing import finding_api
from agent.receiving import api as receiving_api
from agent.scanners import api as scanners_api
from agent.settings_file import NotWritable
from agent.staff import api as staff_api
from agent.staff.api import station_of
from agent.system import ports
from agent.training import api as training_api
from agent.voice import api as voice_api
from domain.orders import IllegalMove
from domain.picks import IllegalPickMove
from domain.protocol import Problem
from drivers.errors import BadAddress

log = logging.getLogger(__name__)
Asked = Request[object, object, State]

LARGEST_BODY = 64 * 1024
STOP_SECONDS = 2


HANDLERS = [
    *access_api.HANDLERS,
    *local_api.HANDLERS,
    *picking_api.HANDLERS,
    *returns_api.HANDLERS,
    *documents_api.HANDLERS,
    *tray_api.HANDLERS,
    *voice_api.HANDLERS,
    *settings_api.HANDLERS,
    *printing_api.HANDLERS,
    *finding_api.HANDLERS,
    *scanners_api.HANDLERS,
    *journal_api.HANDLERS,
    *doctor_api.HANDLERS,
    *jobs_api.HANDLERS,
    *training_api.HANDLERS,
    *prescriptions_api.HANDLERS,
    *bundle_api.HANDLERS,
    *staff_api.HANDLERS,
    *receiving_api.HANDLERS,
    *lots_api.HANDLERS,
    *erp_api.HANDLERS,
    *set_aside_api.HANDLERS,
    *routes.HANDLERS,
]
PRACTISED = [
    *access_api.HANDLERS,
    *local_api.WORK_HANDLERS,
    *picking_api.HANDLERS,
    *returns_api.HANDLERS,
    *documents_api.WORK_HANDLERS,
    *voice_api.HANDLERS,
    *training_api.PRACTICE_HANDLERS,
    *routes.PRACTICE_PAGES,
]
"""What the training server answers: work and nothing else, so that no page of it can reach the real agent's parts."""


class PortTaken(AgentError):
    """Something else listens there."""


def take_port(port: int) -> socket.socket:
    """Raises PortTaken. With port 0 the system chooses a free one."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        ports.claim(listening)
        listening.bind(("127.0.0.1", port))
        listening.listen(64)
    except OSError as error:
        listening.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTaken(
            f"port {port} of 127.0.0.1 is taken by another program",
            hint="is the agent running already? Otherwise choose another page_port in agent.toml",
        ) from error
    return listening


def guarded(parts: Parts, access: Access, handlers: Sequence[HTTPRouteHandler] = HANDLERS) -> App:
    """The local API and the pages, behind the guard."""
    pictures = {printer.paper_url for printer in parts.settings.printers if printer.paper_url is not None}
    shown_bundle = bundle_api.Shown()
    app = Litestar(
        route_handlers=handlers,
        dependencies={
            "parts": Provide(lambda: parts, sync_to_thread=False),
            "access": Provide(lambda: access, sync_to_thread=False),
            "shown_bundle": Provide(lambda: shown_bundle, sync_to_thread=False),
            "station": Provide(station_of, sync_to_thread=False),
        },
        openapi_config=None,
        exception_handlers={
            AgentError: _agent_error,
            BadAddress: _bad_address,
            IllegalMove: _illegal,
            IllegalPickMove: _illegal,
            HTTPException: _http_error,
            OverflowError: _beyond,
            Exception: _unexpected,
        },
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
    )
    return Guard(cast(App, app), access, pictures=pictures)  # Litestar types the same ASGI more narrowly


class LocalServer(uvicorn.Server):
    """uvicorn without its hold on signals: the service stops it."""

    def __init__(self, app: App) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


async def stop_serving(server: LocalServer, changes: Changes, serving: asyncio.Task[None]) -> None:
    """Open streams end first: the server waits for them."""
    changes.close()
    server.stop()
    await asyncio.wait((serving,))


_STATUS: dict[type[AgentError], int] = {
    NotFound: 404,
    BadFeed: 400,
    NoSuchPage: 400,
    BodyTooSlow: 408,
    WorkRefused: 409,
    BadPairing: 400,
    HubRefused: 409,
    BadConfig: 400,
    NotWritable: 409,
}


def _agent_error(_: Asked, error: AgentError) -> Response[Problem]:
    """What the clerk may not do now is no fault of the program; anything else is."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 503)
    if status == 503:
        log.error("a local request failed: %s", error)
    return Response(Problem(_name(error), str(error), error.hint), status_code=status)


def _bad_address(_: Asked, error: BadAddress) -> Response[Problem]:
    return Response(Problem("bad_address", str(error), error.hint), status_code=400)


def _illegal(_: Asked, error: Exception) -> Response[Problem]:
    return Response(Problem("not_now", str(error)), status_code=409)


def _beyond(_: Asked, error: OverflowError) -> Response[Problem]:
    return Response(Problem("bad_request", "数字过大 (a number is beyond what the data files keep)"), status_code=400)


def _http_error(_: Asked, error: HTTPException) -> Response[Problem]:
    detail = "; ".join(str(item.get("message", item)) for item in error.extra) if isinstance(error.extra, list) else ""
    return Response(Problem("bad_request", error.detail, detail), status_code=error.status_code)


def _unexpected(_: Asked, error: Exception) -> Response[Problem]:
    log.error("a local request failed", exc_info=error)
    return Response(Problem("failed", "程序出错，已记入日志 (this failed; the log has it)"), status_code=500)


def _name(error: AgentError) -> str:
    """NotNow -> not_now."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__).strip("_")

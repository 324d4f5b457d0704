"""The platform's door, /api/v1/: faults first, then signature and parameters, then the answer; all is recorded."""

import asyncio
import logging
import time
from collections import deque

import msgspec
from litestar import HttpMethod, MediaType, Request, Response, route
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from installer.simulators.meituan.answers import APIS, OK, Answer, Counter
from installer.simulators.meituan.errors import PlatformError
from installer.simulators.meituan.params import Params, merged
from installer.simulators.meituan.platform import Platform

logger = logging.getLogger(__name__)

KEPT = 5000


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it arrived. `verdict` is "ok" or the error code and why; `fault` names a switch that struck."""

    at: float
    method: str
    path: str
    params: dict[str, str]
    verdict: str
    fault: str = ""


class Door:
    def __init__(self, platform: Platform, counter: Counter) -> None:
        self._platform = platform
        self._counter = counter
        self._closing = asyncio.Event()
        self.calls: deque[Call] = deque(maxlen=KEPT)

    def close(self) -> None:
        """Let calls that hang go."""
        self._closing.set()

    async def serve(self, method: str, url: str, path: str, query: bytes, body: bytes) -> tuple[int, Answer]:
        """HTTP status and envelope. A refusal is HTTP 200, as everything is; faults and unknown paths are not."""
        await self._pause(self._platform.switches.answer_delay_seconds)
        params: dict[str, str] = {}
        fault, status = "", 200
        try:
            params = merged(query, body)
            if fault := await self._fault():
                status = 500 if fault.startswith("fail") else 200
                raise PlatformError(700 if status == 500 else 711, fault)
            answer = await self._answer(url, path, Params(params))
            verdict = "ok"
        except PlatformError as error:
            answer, verdict = error.envelope(), f"{error.code} {error.hint}".strip()
            status = 404 if error.code == 708 else status
        self.calls.append(Call(at=time.time(), method=method, path=path, params=params, verdict=verdict, fault=fault))
        logger.info("call %s %s: %s", method, path, verdict)
        return status, answer

    async def _answer(self, url: str, path: str, params: Params) -> Answer:
        api = APIS.get(path)
        if api is None:
            raise PlatformError(708, f"{path} is not simulated")
        config = self._platform.config
        if config.public_url is not None:
            url = f"{config.public_url.rstrip('/')}/api/v1/{path}"
        params.authenticate(url, app_id=config.app_id, secret=config.secret)
        params.require(api.required)
        try:
            return await api.answer(self._counter, params)
        except PlatformError as error:
            if error.code == 806 and api.deed and config.takes_strangers:
                return OK
            raise

    async def _fault(self) -> str:
        switches = self._platform.switches
        if switches.take("fail"):
            if switches.fail_as == "hang":
                await self._pause(switches.hang_seconds)
            return f"fail as {switches.fail_as}"
        return "throttle" if switches.take("throttle") else ""

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return


@route("/api/v1/{path:path}", http_method=[HttpMethod.GET, HttpMethod.POST], media_type=MediaType.JSON)
async def platform_call(
    request: Request[None, None, State], path: FromPath[str], door: NamedDependency[Door]
) -> Response[bytes]:
    url = request.url
    status, answer = await door.serve(
        request.method,
        f"{url.scheme}://{url.netloc}{url.path}",
        str(path).strip("/"),
        request.scope["query_string"],
        await request.body(),
    )
    return Response(msgspec.json.encode(answer), status_code=status, media_type=MediaType.JSON)

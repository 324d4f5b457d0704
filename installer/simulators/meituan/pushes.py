"""Sending news to the hub: encoded, signed, posted, tried again, and recorded with every answer."""

import asyncio
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Literal
from urllib.parse import quote_plus, urlencode
from weakref import WeakValueDictionary

import httpx
import msgspec

from installer.simulators.meituan.errors import SimulatorError
from installer.simulators.meituan.signature import sign
from installer.simulators.meituan.switches import Encoding, Seconds, Switches

logger = logging.getLogger(__name__)

HEARTBEAT = "heartbeat"
KEPT = 5000


class PushOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one piece of news goes out; shared by every control call that causes one."""

    push: bool = True
    times: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    encoding: Encoding | None = None
    method: Literal["POST", "GET"] = "POST"
    """Older cancel and refund pushes may come as GET."""
    wrong_signature: bool = False
    omit: tuple[str, ...] = ()
    replace: dict[str, str] = {}
    """Form values that differ from what the order says, or are added to it."""
    delay_seconds: Seconds = 0.0
    wait: bool = False
    """Answer the control call only when the first attempt has its answer."""


PLAIN = PushOptions()


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    milliseconds: float
    status: int | None = None
    body: str = ""
    error: str = ""


class Push(msgspec.Struct, kw_only=True):
    """One delivery. `fields` are the decoded values; `content` the exact bytes of every attempt.

    `order_id` is the order it is truly about, whatever the fields were made to say.
    """

    id: int
    kind: str
    order_id: str
    url: str
    method: str
    encoding: Encoding
    fields: dict[str, str]
    content: str
    state: Literal["waiting", "answered", "unanswered", "dropped"] = "waiting"
    attempts: list[Attempt] = []


def encode(fields: Mapping[str, str], encoding: Encoding) -> str:
    """A form body; "twice" leaves values percent-encoded after an ordinary form decode."""
    once = fields if encoding == "once" else {name: quote_plus(value) for name, value in fields.items()}
    return urlencode(once)


class Pusher:
    """`answered` is told of each push when the hub first says ok to it."""

    def __init__(
        self, *, app_id: str, secret: str, switches: Callable[[], Switches], answered: Callable[[Push], None]
    ) -> None:
        self._app_id = app_id
        self._secret = secret
        self._switches = switches
        self._answered = answered
        self.last_id = 0
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.sent: deque[Push] = deque(maxlen=KEPT)

    def start(self) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
        self._client = httpx.AsyncClient(trust_env=False, limits=limits, verify=_trusted())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def prepare(self, kind: str, url: str, fields: Mapping[str, str], options: PushOptions, *, now: int) -> Push:
        kept = {name: value for name, value in fields.items() if name not in options.omit}
        signed = {"app_id": self._app_id, "timestamp": str(now)} | kept | options.replace
        secret = self._secret + "wrong" if options.wrong_signature else self._secret
        signed["sig"] = sign(url, signed, secret)
        encoding = options.encoding or self._switches().encoding
        return self._record(kind, fields["order_id"], url, signed, encoding, options.method)

    def heartbeat(self, url: str) -> Push:
        """The platform posts without any data when a URL is saved, and later."""
        return self._record(HEARTBEAT, "", url, {}, "once", "POST")

    def again(self, push_id: int) -> Push:
        """The very bytes of an earlier push: same timestamp, same signature."""
        earlier = next((push for push in self.sent if push.id == push_id), None)
        if earlier is None:
            raise SimulatorError(f"push {push_id} is not among the last {KEPT}")
        same = msgspec.structs.replace(earlier, id=self._next_id(), state="waiting", attempts=[])
        self.sent.append(same)
        return same

    def since(self, push_id: int) -> list[Push]:
        return [push for push in self.sent if push.id > push_id]

    async def send(self, push: Push, options: PushOptions = PLAIN) -> None:
        """Deliver in the background. First attempts of one order leave in order; retries do not hold others up."""
        if self._switches().take("drop"):
            push.state = "dropped"
            return
        first = asyncio.Event()
        task = asyncio.create_task(self._deliver(push, options.delay_seconds, first))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if options.wait:
            await first.wait()

    def _next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def _record(
        self, kind: str, order_id: str, url: str, fields: dict[str, str], encoding: Encoding, method: str
    ) -> Push:
        push = Push(
            id=self._next_id(),
            kind=kind,
            order_id=order_id,
            url=url,
            method=method,
            encoding=encoding,
            fields=fields,
            content=encode(fields, encoding),
        )
        self.sent.append(push)
        return push

    async def _deliver(self, push: Push, delay: float, first: asyncio.Event) -> None:
        try:
            await asyncio.sleep(delay)
            turn = self._turns.setdefault(push.order_id or f"push {push.id}", asyncio.Lock())
            async with turn:
                done = await self._attempt(push)
        finally:
            first.set()
        for pause in self._switches().retry_delays:
            if done:
                return
            await asyncio.sleep(pause)
            done = await self._attempt(push)
        if not done:
            push.state = "unanswered"
            logger.warning("push %s (%s) to %s was never answered with ok", push.id, push.kind, push.url)

    async def _attempt(self, push: Push) -> bool:
        at, begun = time.time(), time.monotonic()
        try:
            response = await self._post(push)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status, body, problem = None, "", repr(error)
        else:
            status, body, problem = response.status_code, response.text[:2000], ""
        spent = round((time.monotonic() - begun) * 1000, 3)
        push.attempts.append(Attempt(at=at, milliseconds=spent, status=status, body=body, error=problem))
        if status == 200 and says_ok(body):
            push.state = "answered"
            self._answered(push)
            return True
        logger.info("push %s (%s): status %s %s", push.id, push.kind, status, problem)
        return False

    async def _post(self, push: Push) -> httpx.Response:
        if self._client is None:
            raise SimulatorError("the simulator has not been started")
        timeout = self._switches().answer_timeout_seconds
        if push.method == "GET":
            joint = "&" if "?" in push.url else "?"
            return await self._client.get(push.url + joint + push.content, timeout=timeout)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        return await self._client.post(push.url, content=push.content, headers=headers, timeout=timeout)


@cache
def _trusted() -> ssl.SSLContext:
    """The system's authorities; read once, which takes longer than all else a simulator does to start."""
    return ssl.create_default_context()


def says_ok(body: str) -> bool:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(answer, dict) and answer.get("data") == "ok"

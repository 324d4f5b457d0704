"""A hub's mouth and ears, small and real: an HTTP server for pushes, and signed calls made with code of its own."""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx

APP_ID = "4012"
SECRET = "a-secret-of-the-test"
CONTROL = {"Authorization": "Bearer control-token"}
OK = (200, b'{"data":"ok"}')


def digest(url: str, values: dict[str, str]) -> str:
    """Written apart from the simulator's, on purpose."""
    names = list(values)
    names.sort()
    text = url + "?"
    for place, name in enumerate(names):
        text += ("&" if place else "") + name + "=" + values[name]
    return hashlib.md5((text + SECRET).encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def once(self) -> dict[str, str]:
        """After the ordinary decode of a form."""
        parsed = parse_qs(self.body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(self.body))
        return {name: values[0] for name, values in parsed.items()}

    @property
    def values(self) -> dict[str, str]:
        return {name: unquote_plus(value) for name, value in self.once.items()}


class Receiver:
    """`answers` are given one after another, then `OK` for ever, each `thinking` seconds late."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, bytes]] = []
        self.thinking = 0.0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the delayed ACK of its head

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(Received("POST", self.path, body))

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self.answer(Received("GET", parts.path, parts.query.encode()))

            def answer(self, received: Received) -> None:
                status, body = receiver.take(received)
                time.sleep(receiver.thinking)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests read `received` instead."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, received: Received) -> tuple[int, bytes]:
        with self._lock:
            self.received.append(received)
            return self.answers.pop(0) if self.answers else OK

    def of(self, kind: str) -> list[Received]:
        return [each for each in self.received if each.path == f"/{kind}"]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Caller:
    """Calls the simulator as a hub does, and drives it as a person does."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.client = client
        self.url = url

    def signed(self, path: str, params: dict[str, str]) -> dict[str, str]:
        values = {"app_id": APP_ID, "timestamp": str(int(time.time()))} | params
        return values | {"sig": digest(f"{self.url}/api/v1/{path}", values)}

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.client.get(f"{self.url}/api/v1/{path}", params=self.signed(path, params))

    async def post(self, path: str, **params: str) -> httpx.Response:
        """System parameters in the query, business parameters in the body, as the documentation has it."""
        values = self.signed(path, params)
        system = {name: values.pop(name) for name in ("app_id", "timestamp", "sig")}
        return await self.client.post(f"{self.url}/api/v1/{path}", params=system, data=values)

    async def make(self, path: str, **wish: object) -> dict[str, object]:
        """POST to the control API; fails the test unless it is accepted."""
        response = await self.client.post(f"{self.url}/control/{path}", json=wish, headers=CONTROL)
        assert response.status_code == 200, response.text
        made: dict[str, object] = response.json()
        return made

    async def try_to(self, path: str, **wish: object) -> httpx.Response:
        return await self.client.post(f"{self.url}/control/{path}", json=wish, headers=CONTROL)

    async def look(self, what: str, /, **query: str) -> list[dict[str, object]]:
        response = await self.client.get(f"{self.url}/control/{what}", params=query, headers=CONTROL)
        assert response.status_code == 200, response.text
        seen: list[dict[str, object]] = response.json()
        return seen

    async def order(self, *codes: str, **wish: object) -> str:
        lines = [{"app_medicine_code": code} for code in codes or ("M0001",)]
        made = await self.make("orders", **({"shop": "shop_0001", "lines": lines, "wait": True} | wish))
        return str(made["order_id"])

    async def state(self, order_id: str) -> str:
        response = await self.client.get(f"{self.url}/control/orders/{order_id}", headers=CONTROL)
        return str(response.json()["state"])


def error_code(response: httpx.Response) -> int | None:
    """None when the call was answered with ok."""
    envelope = response.json()
    assert (envelope["data"] == "ng") == ("error" in envelope)
    return envelope["error"]["code"] if "error" in envelope else None

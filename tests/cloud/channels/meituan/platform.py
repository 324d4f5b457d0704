"""A tiny real HTTP server that answers as it is told and checks every signature by itself."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from tests.cloud.channels.meituan.forms import SECRET

OK = {"data": "ok"}


def ng(code: int, msg: str = "") -> dict[str, object]:
    return {"data": "ng", "error": {"code": code, "msg": msg}}


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, str]

    @property
    def params(self) -> dict[str, str]:
        return {
            name: value
            for name, value in (self.query | self.body).items()
            if name not in ("app_id", "timestamp", "sig")
        }


@dataclass
class Platform:
    """`answers` by path: (status, body); a list is used up one by one. `silent` is let go at the end."""

    base_url: str = ""
    answers: dict[str, object] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)

    def answer(self, asked: Asked, url: str) -> tuple[int, bytes] | None:
        self.asked.append(asked)
        params = asked.query | asked.body
        text = url + "?" + "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "sig") + SECRET
        if params.get("sig") != hashlib.md5(text.encode()).hexdigest():
            return 200, json.dumps(ng(703, "签名验证错误")).encode()
        told = self.answers.get(asked.path, OK)
        if isinstance(told, list):
            told = told.pop(0)
        if callable(told):
            told = told(asked.params)
        if told is None:
            self.silent.wait(10)
            return None
        status, body = told if isinstance(told, tuple) else (200, told)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def running() -> Iterator[Platform]:
    platform = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            asked = Asked(
                self.command,
                path.removeprefix("/api/v1/"),
                dict(parse_qsl(query, keep_blank_values=True)),
                dict(parse_qsl(body, keep_blank_values=True)),
            )
            answer = platform.answer(asked, f"http://{self.headers['Host']}{path}")
            if answer is not None:
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    platform.base_url = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
    try:
        yield platform
    finally:
        platform.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()

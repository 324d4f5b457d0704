"""Addresses that open the stores' pages for as long as the demo runs.

In a store the tray asks its agent for a one-time link whenever somebody clicks. The demo has no tray but a terminal,
which somebody may read an hour later: its addresses lead here, and each visit gets a fresh link. The key in them is
new at each start and stands nowhere but on the terminal and in demo.json.
"""

import hmac
import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx

from installer.demo.ports import LOOPBACK


class Door:
    """Serves GET /STORE?key=KEY by redirecting to what `link` gives; a link that cannot be had raises HTTPError."""

    def __init__(self, port: int, link: Callable[[str], str]) -> None:
        self._key = secrets.token_urlsafe(24)
        self._link = link
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, location, text = door.answer(self.path)
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(text.encode())))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Opening a page is no event worth a log line, and its address holds the key."""

        self._server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="door", daemon=True)
        self._thread.start()

    def address(self, store: str) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/{store}?key={self._key}"

    def answer(self, target: str) -> tuple[HTTPStatus, str, str]:
        """Status, where to, and what to read."""
        asked = urlsplit(target)
        offered = parse_qs(asked.query).get("key", [""])[0]
        if not hmac.compare_digest(offered.encode(), self._key.encode()):
            return HTTPStatus.NOT_FOUND, "", "没有这一页 (no such page)"
        try:
            return HTTPStatus.SEE_OTHER, self._link(asked.path.strip("/")), ""
        except KeyError:
            return HTTPStatus.NOT_FOUND, "", "没有这家门店 (no such store)"
        except (httpx.HTTPError, OSError) as error:
            return (
                HTTPStatus.SERVICE_UNAVAILABLE,
                "",
                f"门店程序没有应答，请稍后刷新 (the agent does not answer: {error})",
            )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

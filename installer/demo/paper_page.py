"""A page with what came out of the virtual printers, as pictures."""

import html
import threading
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from drivers.virtual.slip import VirtualSlip
from installer.demo.people import cards_page
from installer.demo.ports import LOOPBACK

KEPT = 20
"""Slips a printer's tray holds; older ones fall off."""


class PaperTray:
    """The slips of one printer, numbered from 1 in the order they came out."""

    def __init__(self) -> None:
        self._slips: deque[tuple[int, VirtualSlip]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._count = 0

    def catch(self, slip: VirtualSlip) -> int:
        with self._lock:
            self._count += 1
            self._slips.append((self._count, slip))
            return self._count

    def newest_first(self) -> list[tuple[int, VirtualSlip]]:
        with self._lock:
            return list(reversed(self._slips))

    def picture(self, number: str) -> bytes | None:
        """PNG of slip NUMBER, or of the newest for 'latest'."""
        for place, (count, slip) in enumerate(self.newest_first()):
            if number == str(count) or (number == "latest" and place == 0):
                return slip.png()
        return None


class PaperPage:
    """Serves GET /, GET /cards and GET /STORE/NUMBER.png on a free port of this machine."""

    def __init__(self, trays: Mapping[str, PaperTray]) -> None:
        self._trays = trays
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = page.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Looking at paper is no event worth a log line."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="paper-page", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        path = path.partition("?")[0]
        if path == "/":
            return HTTPStatus.OK, "text/html; charset=utf-8", self._index().encode()
        if path == "/cards":
            return HTTPStatus.OK, "text/html; charset=utf-8", cards_page().encode()
        store, _, name = path.strip("/").partition("/")
        tray = self._trays.get(store)
        picture = tray.picture(name.removesuffix(".png")) if tray else None
        if picture is None:
            return HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", "没有这张小票".encode()
        return HTTPStatus.OK, "image/png", picture

    def _index(self) -> str:
        columns = "".join(
            f"<section><h2>{html.escape(store)}</h2>{''.join(self._figure(store, n) for n, _ in tray.newest_first())}"
            f"{'' if tray.newest_first() else '<p>还没有小票 · nothing printed yet</p>'}</section>"
            for store, tray in self._trays.items()
        )
        return PAGE.format(columns=columns)

    def _figure(self, store: str, number: int) -> str:
        source = f"/{html.escape(store)}/{number}.png"
        return f'<figure><img src="{source}" alt="slip {number}"><figcaption>{number}</figcaption></figure>'


PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<title>小票 · paper</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;background:#e8e6e1;margin:2rem;display:flex;gap:2rem}}
section{{flex:1;min-width:0}}img{{max-width:100%;background:#fff;box-shadow:0 2px 8px #0003}}
figure{{margin:0 0 1.5rem}}figcaption{{color:#666}}</style>
{columns}</html>"""

"""The local API as the tray uses it: standard library only, no proxy, short patience.

The token is new whenever the service starts, so a refused one is asked for again, once per request. Any thread may ask.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

from agent.tray import view
from agent.tray.hand import PATIENCE_SECONDS, Hand, NoService
from agent.tray.view import View

PAUSE_MINUTES = 30
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_STALE = 401


class SaidNo(Exception):
    """The service answered, but not with what was asked for."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the service answered {status}")
        self.status = status


class Connection:
    def __init__(self, take_hand: Callable[[], Hand]) -> None:
        """`take_hand` raises NoService."""
        self._take_hand = take_hand
        self._hand: Hand | None = None

    def view(self) -> View:
        """This and all below raise NoService or SaidNo."""
        try:
            return view.read(self._json("GET", "/api/tray"))
        except ValueError as error:
            raise NoService(f"something else answers there: {error}") from error

    def page_link(self, page: str) -> str:
        """An address that opens the page signed in, once and soon."""
        answer = self._json("POST", "/api/page-links", {"page": page})
        url = answer.get("url") if isinstance(answer, dict) else None
        if not isinstance(url, str) or not url.startswith("http://127.0.0.1:"):
            raise NoService("something else answers there")
        return url

    def pause_sound(self) -> None:
        self._ask("POST", "/api/voice/pause", {"minutes": PAUSE_MINUTES})

    def resume_sound(self) -> None:
        self._ask("POST", "/api/voice/resume", {})

    def here(self) -> str | None:
        """This session can play. Returns the id of what it is to say now."""
        answer = self._json("POST", "/api/voice/here", {"player": "tray"})
        say = answer.get("say") if isinstance(answer, dict) else None
        id = say.get("id") if isinstance(say, dict) else None
        return str(id) if id is not None else None

    def sound(self, id: str) -> bytes:
        """A WAV."""
        return self._ask("GET", f"/api/announcements/{quote(id, safe='')}/sound")

    def spoken(self, id: str) -> None:
        self._ask("POST", f"/api/announcements/{quote(id, safe='')}/spoken", {})

    def _json(self, method: str, path: str, body: object = None) -> object:
        try:
            answer: object = json.loads(self._ask(method, path, body))
        except ValueError as error:
            raise NoService("something else answers there") from error
        return answer

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        hand = self._hand or self._take_hand()
        try:
            answer = _sent(hand, method, path, body)
        except SaidNo as error:
            if error.status != _STALE:
                raise
            hand = self._take_hand()
            answer = _sent(hand, method, path, body)
        except NoService:
            self._hand = None
            raise
        self._hand = hand
        return answer


def _sent(hand: Hand, method: str, path: str, body: object) -> bytes:
    request = urllib.request.Request(
        hand.url.rstrip("/") + path,
        data=None if method == "GET" else json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Bearer {hand.token}", "Content-Type": "application/json"},
    )
    try:
        with _NO_PROXY.open(request, timeout=PATIENCE_SECONDS) as response:
            answer: bytes = response.read()
            return answer
    except urllib.error.HTTPError as error:
        error.close()
        raise SaidNo(error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise NoService(f"{hand.url} does not answer: {error}") from error

"""The tray's way in: the address of the local API and the token that opens it until the service starts again."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from agent.tray import system

PATIENCE_SECONDS = 3.0
TOKEN_FILE = "page.token"
LAST_WORDS = "last-words.json"
"""Of `agent/last_words.py`, beside the place where the token is handed over."""
_OURS = re.compile(r"http://127\.0\.0\.1:\d{1,5}/")
"""A token and a browser are sent nowhere else, whoever wrote the file."""


@dataclass(frozen=True, slots=True)
class Hand:
    url: str
    token: str


class NoService(Exception):
    """Nobody is there to hand anything over. `said`: why the service could not start, by language, if it left word."""

    def __init__(self, message: str, said: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.said = said or {}


class NotForUs(NoService):
    """A service is there, and does not hand its token to this user."""


def handed(place: Path, url: str) -> Hand:
    """`place` is where the service hands its token over; a folder is an agent's data folder, for development, whose API
    is at `url`. Raises NoService."""
    try:
        if place.is_dir():
            return Hand(url, (place / TOKEN_FILE).read_text(encoding="ascii").strip())
        line = system.handed.take(place, patience=PATIENCE_SECONDS)
    except PermissionError as error:
        raise NotForUs(f"{place}: {error}") from error
    except OSError as error:
        raise NoService(f"{place}: {error}", _last_words(place)) from error
    if not line:
        raise NotForUs(f"{place} told this user nothing")
    return _read(line, place)


def _last_words(place: Path) -> dict[str, str]:
    try:
        told = json.loads(place.with_name(LAST_WORDS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(language): str(said) for language, said in told.items()} if isinstance(told, dict) else {}


def _read(line: bytes, place: Path) -> Hand:
    try:
        told = json.loads(line)
        hand = Hand(str(told["url"]), str(told["token"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NoService(f"{place} holds no address and token") from error
    if not _OURS.fullmatch(hand.url):
        raise NoService(f"{place} names {hand.url}, which is not this computer")
    return hand

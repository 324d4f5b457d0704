"""The icon's menu and its tooltip, from what the service says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from agent.tray.view import Announcement, Sound, View
from agent.tray.words import WORDS, Words

CHINA = timezone(timedelta(hours=8))
MOST_ANNOUNCEMENTS = 5
LONGEST_TITLE = 120
"""Windows takes no longer tooltip."""

BOARD, PRINTERS, DEVICES, DOCTOR = "/", "/printers", "/devices", "/doctor"


@dataclass(frozen=True, slots=True)
class Open:
    page: str


@dataclass(frozen=True, slots=True)
class PauseSound:
    pass


@dataclass(frozen=True, slots=True)
class ResumeSound:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Action = Open | PauseSound | ResumeSound | Quit


@dataclass(frozen=True, slots=True)
class Entry:
    """Without an action it only tells something. The main one is what a click on the icon does."""

    text: str
    action: Action | None = None
    main: bool = False


SEPARATOR = Entry("")


def menu(view: View) -> tuple[Entry, ...]:
    words = WORDS[view.language]
    headline = Entry(words.health[view.health] + view.headline, Open(BOARD) if view.running else None)
    told = [Entry(f"   {line}", Open(BOARD) if view.running else None) for line in view.lines]
    if not view.running:
        return (headline, *told, SEPARATOR, Entry(words.quit, Quit()))
    return (headline, *told, SEPARATOR, *_store(view, words), SEPARATOR, *_does(view, words))


def title(view: View) -> str:
    words = WORDS[view.language]
    store = f"{words.product} · {view.store}" if view.store else words.product
    waiting = f"\n{words.waiting.format(count=view.waiting)}" if view.running else ""
    room = LONGEST_TITLE - len(store) - len(waiting) - 1
    return f"{store}\n{(words.health[view.health] + view.headline)[:room]}{waiting}"


def _store(view: View, words: Words) -> Iterator[Entry]:
    if view.trial:
        yield Entry(words.trial, Open(BOARD))
    yield Entry(words.waiting.format(count=view.waiting), Open(BOARD))
    for announcement in view.announcements[:MOST_ANNOUNCEMENTS]:
        yield Entry(f"   {announcement.sentence}", Open(_page_of(announcement)))
    if len(view.announcements) > MOST_ANNOUNCEMENTS:
        yield Entry(f"   {words.more.format(count=len(view.announcements) - MOST_ANNOUNCEMENTS)}", Open(BOARD))
    for printer in view.printers:
        yield Entry(words.printer.format(printer=printer), Open(PRINTERS))
    yield Entry(words.line.format(line=view.line), Open(DEVICES))


def _does(view: View, words: Words) -> Iterator[Entry]:
    if view.sound is not None:
        yield from _sound(view.sound, words)
    yield Entry(words.diagnosis, Open(DOCTOR))
    yield Entry(words.open_page, Open(BOARD), main=True)
    yield SEPARATOR
    yield Entry(words.quit, Quit())


def _sound(sound: Sound, words: Words) -> Iterator[Entry]:
    if not sound.can:
        yield Entry(words.no_sound, Open(DOCTOR))
    elif sound.paused_until is None:
        yield Entry(words.pause, PauseSound())
    else:
        until = datetime.fromtimestamp(sound.paused_until / 1000, CHINA)
        yield Entry(words.paused.format(until=f"{until:%H:%M}"))
        yield Entry(words.resume, ResumeSound())


def _page_of(announcement: Announcement) -> str:
    return f"/orders/{announcement.order_id}" if announcement.order_id else BOARD

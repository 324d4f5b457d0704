"""The icon on the screen, through pystray. `import pystray` opens the display, so it stands inside `run`."""

import logging
import os
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from typing import Protocol

from PIL import Image

from agent.tray import icon as drawing
from agent.tray.connection import Connection, SaidNo
from agent.tray.hand import NoService
from agent.tray.menu import SEPARATOR, Action, Entry, Open, PauseSound, Quit, ResumeSound, menu, title
from agent.tray.notices import Notices
from agent.tray.speech import Player, Speech
from agent.tray.view import View, starting
from agent.tray.watch import Watch
from agent.tray.words import WORDS

log = logging.getLogger(__name__)


class NoTray(Exception):
    """This session has no place for an icon."""


class Icon(Protocol):
    """What the tray uses of pystray's icon. All but `run` may be called from any thread."""

    icon: Image.Image
    title: str
    visible: bool

    def run(self, setup: Callable[["Icon"], None]) -> None: ...

    def update_menu(self) -> None: ...

    def notify(self, message: str, title: str) -> None: ...

    def stop(self) -> None: ...


class Tray:
    """pystray's loop has the main thread, the watch one of its own, and each click one while it does something."""

    def __init__(self, connection: Connection, player: Player | None) -> None:
        """Raises NoTray."""
        self._connection = connection
        self._speech = None if player is None else Speech(connection, player)
        self._watch = Watch(connection, self._show)
        self._notices = Notices()
        self._shown = starting()
        self._quitting = False
        self._can_notify = True
        self._icon = self._made()

    def run(self) -> None:
        """Until somebody quits it."""
        try:
            self._icon.run(self._begin)
        except Exception:  # GLib.GError, Xlib's errors or what else a desktop brings
            # Where the desktop shows no notifications, taking back the last one fails as the loop ends.
            if not self._quitting:
                log.exception("the icon cannot be shown any longer")
                os._exit(1)  # pystray's own thread waits for a loop that will never run
        self._watch.stop()
        if self._speech is not None:
            self._speech.stop()

    def _made(self) -> Icon:
        try:
            import pystray
        except Exception as error:  # whatever a display, a D-Bus session or a library that is not there raises
            raise NoTray(f"{type(error).__name__}: {error}") from error

        def items() -> Iterator[object]:
            for entry in menu(self._shown):
                yield pystray.Menu.SEPARATOR if entry is SEPARATOR else item(entry)

        def item(entry: Entry) -> object:
            action = entry.action
            return pystray.MenuItem(entry.text, lambda: self._clicked(action), default=entry.main)

        made: Icon = pystray.Icon(
            "yaolink", drawing.draw(self._shown.health), title(self._shown), pystray.Menu(lambda: tuple(items()))
        )
        return made

    def _begin(self, icon: Icon) -> None:
        """In pystray's own thread, once its loop runs."""
        icon.visible = True
        threading.Thread(target=self._watch.run, name="watch", daemon=True).start()
        if self._speech is not None:
            threading.Thread(target=self._speech.run, name="speech", daemon=True).start()

    def _show(self, view: View) -> None:
        before, self._shown = self._shown, view
        if (view.health, view.waiting) != (before.health, before.waiting):
            log.info("%s, %d waiting", view.health, view.waiting)
            self._icon.icon = drawing.draw(view.health, view.waiting)
        if title(view) != title(before):
            self._icon.title = title(view)
        if menu(view) != menu(before):
            self._icon.update_menu()
        for notice in self._notices.new(view, time.monotonic()):
            self._notify(notice.text, notice.title)

    def _notify(self, text: str, title: str) -> None:
        try:
            self._icon.notify(text, title)
        except Exception as error:  # NotImplementedError, GLib.GError or what else a desktop without them brings
            if self._can_notify:
                self._can_notify = False
                log.warning("this desktop shows no notifications: %s", error)

    def _clicked(self, action: Action | None) -> None:
        if isinstance(action, Quit):
            self._quitting = True
            self._icon.stop()
        elif action is not None:
            threading.Thread(target=self._do, args=(action,), name="click", daemon=True).start()

    def _do(self, action: Action) -> None:
        try:
            if isinstance(action, Open):
                webbrowser.open(self._connection.page_link(action.page))
            elif isinstance(action, PauseSound):
                self._connection.pause_sound()
            elif isinstance(action, ResumeSound):
                self._connection.resume_sound()
        except (NoService, SaidNo) as error:
            log.warning("%s: %s", type(action).__name__, error)
            self._notify(WORDS[self._shown.language].cannot_open, WORDS[self._shown.language].product)
        self._watch.soon()

"""The tray as a clerk has it before him: a real service behind it, a panel around it, a mouse on it."""

import time
import wave
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from agent.tray.icon import draw
from agent.tray.notices import LASTS_SECONDS
from tests.agent.tray.handing import answering
from tests.system.tray.desktop import PANEL, WIDTH, Desktop, changed, like
from tests.system.tray.store import Store
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

BACKENDS = ["appindicator", "gtk"]
ICON = (WIDTH - 34, 0, WIDTH, PANEL)
LEFT, RIGHT = 1, 3
NOTIFICATION = (WIDTH - 335, PANEL + 5, WIDTH, PANEL + 160)


Shown = tuple[str, int]
ICONS: list[Shown] = [(health, waiting) for health in ("well", "look", "down") for waiting in (0, 1, 8)]


def seen(desktop: Desktop, name: str = "") -> Shown | None:
    """Which of the icons the panel shows."""
    panel = desktop.shot(name).crop(ICON)
    off = {shown: like(panel, _in_panel(draw(*shown), panel)) for shown in ICONS}
    nearest = min(off, key=lambda shown: off[shown])
    return nearest if off[nearest] < 0.08 else None


def _in_panel(icon: Image.Image, panel: Image.Image) -> Image.Image:
    background = panel.getpixel((2, 1))
    shown = Image.new("RGB", panel.size, background)
    small = icon.resize((32, 32), Image.Resampling.LANCZOS)
    shown.paste(small, (1, 4), small)
    return shown


def becomes(desktop: Desktop, health: str, name: str = "", *, waiting: int = 0) -> None:
    eventually(lambda: seen(desktop) == (health, waiting), what=f"the icon of {health}, {waiting} waiting", within=30)
    assert seen(desktop, name) == (health, waiting)


def menu_opens(desktop: Desktop, name: str) -> None:
    """Below the panel stands what was not there before, as large as a menu; Escape takes it away."""
    before = desktop.shot()
    desktop.click(WIDTH - 17, PANEL // 2, RIGHT)
    eventually(lambda: _height(changed(before, desktop.shot())) > 60, what="a menu")
    desktop.shot(name)
    desktop.keys("Escape")
    eventually(lambda: _height(changed(before, desktop.shot())) < 20, what="no menu any more")


def _height(box: tuple[int, int, int, int] | None) -> int:
    return 0 if box is None else box[3] - max(box[1], PANEL)


def chosen(desktop: Desktop, *keys: str) -> None:
    before = desktop.shot()
    desktop.click(WIDTH - 17, PANEL // 2, RIGHT)
    eventually(lambda: _height(changed(before, desktop.shot())) > 60, what="a menu")
    desktop.keys(*keys, "Return")


def notified(desktop: Desktop, before: Image.Image) -> Callable[[], bool]:
    def look() -> bool:
        box = changed(before.crop(NOTIFICATION), desktop.shot().crop(NOTIFICATION))
        return box is not None and box[2] - box[0] > 200

    return look


@pytest.mark.parametrize("backend", BACKENDS)
def test_three_states_each_come_about_for_real(desktop: Desktop, store: Store, backend: str) -> None:
    with desktop.tray(backend, *store.hand) as tray:
        becomes(desktop, "well", f"tray-{backend}-well")
        menu_opens(desktop, f"tray-{backend}-well-menu")

        quiet = desktop.shot()
        store.world.hub.stop()
        becomes(desktop, "look", f"tray-{backend}-look")
        eventually(notified(desktop, quiet), what="a notification that headquarters cannot be reached")
        desktop.shot(f"tray-{backend}-look-notification")
        desktop.no_notifications()
        menu_opens(desktop, f"tray-{backend}-look-menu")

        store.agent.kill()
        becomes(desktop, "down", f"tray-{backend}-down")
        eventually(notified(desktop, quiet), what="a notification that the service does not run")
        desktop.shot(f"tray-{backend}-down-notification")
        desktop.no_notifications()
        menu_opens(desktop, f"tray-{backend}-down-menu")

        store.agent.start()
        store.world.hub.start()
        becomes(desktop, "well", f"tray-{backend}-well-again")
        assert tray.process.poll() is None


def test_a_new_order_is_counted_shown_and_said(desktop: Desktop, store: Store) -> None:
    with desktop.tray("appindicator", *store.hand):
        becomes(desktop, "well")
        store.order(12)
        becomes(desktop, "well", "tray-order", waiting=1)
        assert eventually(desktop.notifications, what="a notification")[0] == "小程序新订单 12 号"
        eventually(desktop.heard, what="a sentence")
        with wave.open(str(desktop.heard()[0])) as wav:
            assert wav.getnframes() / wav.getframerate() > 1
        menu_opens(desktop, "tray-order-menu")
        chosen(desktop, "Down", "Down", "Down")  # the headline, what waits, what is to be heard
        assert "orders" in visited(eventually(desktop.opened, what="the order's page")[0])
        store.begin_orders()
        becomes(desktop, "well")


def visited(url: str) -> str:
    with httpx.Client(trust_env=False, follow_redirects=True) as browser:
        page = browser.get(url)
        assert page.status_code == 200
        return page.url.path


def test_a_menu_entry_opens_its_page_signed_in(desktop: Desktop, store: Store) -> None:
    with desktop.tray("appindicator", *store.hand):
        becomes(desktop, "well")
        chosen(desktop, "Up", "Up")  # quitting is the last, opening the page stands above it
        (url,) = eventually(desktop.opened, what="an address opened in the browser")
        with httpx.Client(trust_env=False, follow_redirects=True) as browser:
            page = browser.get(url)
            assert page.status_code == 200 and store.world.chain.stores[0].name in page.text
            assert "link=" not in str(page.url)
        assert httpx.get(url, trust_env=False, follow_redirects=True).status_code == 401, "it opens once"


def test_a_click_on_the_icon_opens_the_page(desktop: Desktop, store: Store) -> None:
    """Where the desktop tells a click from asking for the menu."""
    with desktop.tray("gtk", *store.hand):
        becomes(desktop, "well")
        desktop.click(WIDTH - 17, PANEL // 2, LEFT)
        assert eventually(desktop.opened, what="an address opened")[0].startswith(store.url)


@pytest.mark.parametrize("backend", BACKENDS)
def test_quitting_the_tray_stops_nothing_else(desktop: Desktop, store: Store, backend: str) -> None:
    with desktop.tray(backend, *store.hand) as tray:
        becomes(desktop, "well")
        chosen(desktop, "Up")
        assert tray.process.wait(10) == 0
    assert store.answers and store.agent.running


def test_a_second_start_opens_the_page(desktop: Desktop, store: Store) -> None:
    with desktop.tray("appindicator", *store.hand) as first:
        becomes(desktop, "well")
        with desktop.tray("appindicator", *store.hand) as second:
            assert second.process.wait(10) == 0
            assert "another tray runs in this session" in second.said
        assert visited(eventually(desktop.opened, what="the page")[0]) == "/"
        assert first.process.poll() is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_desktop_without_notifications_has_the_icon_all_the_same(tmp_path: Path, backend: str) -> None:
    with (
        answering(tmp_path / "tray.sock", b""),
        Desktop(tmp_path, notifications=False) as desktop,
        desktop.tray(backend, "--hand", str(tmp_path / "tray.sock")) as tray,
    ):
        becomes(desktop, "down", "tray-not-for-you")
        time.sleep(LASTS_SECONDS + 3)  # by then it has tried to tell
        becomes(desktop, "down")
        chosen(desktop, "Up")
        assert tray.process.wait(10) == 0, tray.said


@pytest.mark.parametrize(
    ("missing", "value"), [("DISPLAY", ":4711"), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")]
)
def test_where_no_icon_can_be_it_says_so_and_ends(desktop: Desktop, missing: str, value: str) -> None:
    desktop.environment[missing] = value
    with desktop.tray("appindicator", "--hand", "/nowhere") as tray:
        assert tray.process.wait(20) == 1
        assert "icon" in tray.said


def test_it_costs_next_to_nothing(desktop: Desktop, store: Store) -> None:
    with desktop.tray("appindicator", *store.hand) as tray:
        becomes(desktop, "well")
        before = tray.cpu_seconds
        time.sleep(20)
        share = (tray.cpu_seconds - before) / 20
        print(f"tray: {share:.2%} of one core, {tray.resident_mb:.0f} MB resident")
        assert share < 0.02

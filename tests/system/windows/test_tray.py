"""The second program in the folder: its icon shows how the service of this PC is."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from installer.windows.wine.prefix import Wine
from tests.system.windows.store import SERVICE, WindowsStore
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"
COLOURS = {"well": (26, 127, 55), "look": (255, 176, 0), "down": (196, 22, 28)}
"""As `agent/tray/icon.py` fills them."""


@pytest.fixture
def panel(pc: Wine) -> Iterator[None]:
    """wine puts icons where the desktop has a place for them."""
    edge = ["--edge", "top", "--align", "right", "--widthtype", "request", "--height", "32", "--transparent", "false"]
    with subprocess.Popen(["trayer", *edge], env=pc.environment, stderr=subprocess.DEVNULL) as trayer:
        try:
            yield
        finally:
            trayer.terminate()


def test_the_icon_shows_that_the_service_runs_and_that_it_does_not(
    store: WindowsStore, setup: Path, panel: None, tmp_path: Path
) -> None:
    assert store.install(setup, store.prepared(tmp_path)) == 0
    eventually(store.paired, "pairing by the prepared file", within=60)
    with store.wine.start(store.programs / "yaolink-tray.exe") as tray:
        try:
            eventually(lambda: shows(store.wine, "well") or shows(store.wine, "look"), "an icon of life", within=60)
            store.wine.tell("net", "stop", SERVICE)
            eventually(lambda: shows(store.wine, "down"), "the icon of a service that is not there", within=60)
            store.wine.tell("net", "start", SERVICE)
            eventually(lambda: not shows(store.wine, "down"), "life again, the tray never having left", within=60)
            assert tray.poll() is None
        finally:
            store.wine.ask("taskkill", "/F", "/IM", "yaolink-tray.exe")
            tray.kill()


def shows(pc: Wine, health: str) -> bool:
    """Whether a good part of an icon's place has this colour; the picture that shows it is kept to be looked at."""
    shot = subprocess.run(["import", "-window", "root", "png:-"], env=pc.environment, capture_output=True, check=True)
    picture = Image.open(io.BytesIO(shot.stdout)).convert("RGB")
    counted = picture.getcolors(picture.width * picture.height) or []
    if sum(count for count, colour in counted if colour == COLOURS[health]) <= 30:
        return False
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / f"windows-tray-{health}.png").write_bytes(shot.stdout)
    return True

"""The icon is told apart by colour, by shape and by mark, each alone; its number is readable at 16 pixels."""

from itertools import combinations

import pytest
from PIL import Image, ImageChops

from agent.tray.icon import MOST, SIZE, draw

HEALTHS = ("well", "look", "down")
LIGHT, DARK = (240, 240, 240), (43, 43, 43)


def on_panel(icon: Image.Image, size: int, panel: tuple[int, int, int]) -> Image.Image:
    """As a panel shows it: made smaller, over its own colour."""
    small = icon.resize((size, size), Image.Resampling.LANCZOS)
    shown = Image.new("RGB", small.size, panel)
    shown.paste(small, (0, 0), small)
    return shown


def apart(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ plainly, seen without colours."""
    grey = ImageChops.difference(one.convert("L"), other.convert("L"))
    return sum(grey.histogram()[64:]) / (grey.width * grey.height)


def outline(icon: Image.Image) -> Image.Image:
    """The shape alone, without what is drawn in it."""
    return icon.getchannel("A")


@pytest.mark.parametrize(("one", "other"), list(combinations(HEALTHS, 2)))
@pytest.mark.parametrize("waiting", [0, 3, 42])
def test_shapes_differ_without_their_colours(one: str, other: str, waiting: int) -> None:
    assert apart(outline(draw(one, waiting)), outline(draw(other, waiting))) > 0.1


@pytest.mark.parametrize(("one", "other"), list(combinations(HEALTHS, 2)))
@pytest.mark.parametrize("size", [16, 24, 32])
@pytest.mark.parametrize("panel", [LIGHT, DARK])
def test_states_differ_for_who_sees_no_colour(one: str, other: str, size: int, panel: tuple[int, int, int]) -> None:
    assert apart(on_panel(draw(one), size, panel), on_panel(draw(other), size, panel)) > 0.25


@pytest.mark.parametrize("health", HEALTHS)
def test_each_number_is_another_picture_at_16_pixels(health: str) -> None:
    shown = {number: on_panel(draw(health, number), 16, LIGHT) for number in range(MOST + 1)}
    too_alike = [
        pair
        for pair in combinations(shown, 2)
        if sum(ImageChops.difference(shown[pair[0]].convert("L"), shown[pair[1]].convert("L")).histogram()[48:]) < 2
    ]
    assert too_alike == []


def test_more_than_it_can_show_is_its_most() -> None:
    assert draw("well", 250).tobytes() == draw("well", MOST).tobytes()


def test_the_colours_mean_what_people_take_them_for() -> None:
    where = {"well": (32, 54), "look": (14, 52), "down": (32, 54)}
    colours = {health: draw(health).getpixel(where[health]) for health in HEALTHS}
    red, green, blue = range(3)
    well, look, down = (colours[health] for health in HEALTHS)
    assert isinstance(well, tuple) and isinstance(look, tuple) and isinstance(down, tuple)
    assert well[green] > 2 * well[red] and down[red] > 4 * down[green] and look[red] > look[green] > 2 * look[blue]
    assert draw("well").size == (SIZE, SIZE)

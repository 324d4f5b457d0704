"""The icon, drawn: colour, shape and mark each say how the store is, so that no eye needs all three.

    well   green disc, ✓        look   amber triangle, !        down   red square, ✕

A number in the corner is how many orders wait. Nothing is taken from a font: the digits are strokes, thick enough for
the 16 pixels that Windows gives an icon.
"""

from PIL import Image, ImageDraw

SIZE = 64
_FINE = 8
"""Everything is drawn so many times larger and made smaller once: smooth edges."""
MOST = 99

Point = tuple[float, float]

_FILL = {"well": "#1a7f37", "look": "#ffb000", "down": "#c4161c"}
_MARK_COLOUR = {"well": "white", "look": "#1f1300", "down": "white"}
_RIM = "white"
_BADGE, _DIGIT = "#0b1f3f", "white"

_MARKS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "well": (((17, 33), (28, 44), (47, 21)),),
    "look": (((32, 23), (32, 39)), ((32, 48), (32, 49))),
    "down": (((20, 20), (44, 44)), ((44, 20), (20, 44))),
}
_SMALL_MARKS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "well": (((13, 21), (22, 29), (38, 12)),),
    "look": (((32, 14), (32, 22)), ((32, 28), (32, 28.5))),
    "down": (((16, 12), (32, 27)), ((32, 12), (16, 27))),
}
"""Where the number leaves room."""

_SEGMENTS: dict[str, tuple[Point, Point]] = {
    "top": ((0, 0), (1, 0)),
    "middle": ((0, 0.5), (1, 0.5)),
    "bottom": ((0, 1), (1, 1)),
    "upper left": ((0, 0), (0, 0.5)),
    "upper right": ((1, 0), (1, 0.5)),
    "lower left": ((0, 0.5), (0, 1)),
    "lower right": ((1, 0.5), (1, 1)),
    "flag": ((0, 0.28), (0.6, 0)),
    "stem": ((0.6, 0), (0.6, 1)),
}
_DIGITS = {
    "0": ("top", "bottom", "upper left", "upper right", "lower left", "lower right"),
    "1": ("flag", "stem", "bottom"),
    "2": ("top", "upper right", "middle", "lower left", "bottom"),
    "3": ("top", "upper right", "middle", "lower right", "bottom"),
    "4": ("upper left", "upper right", "middle", "lower right"),
    "5": ("top", "upper left", "middle", "lower right", "bottom"),
    "6": ("top", "upper left", "middle", "lower left", "lower right", "bottom"),
    "7": ("top", "upper right", "lower right"),
    "8": ("top", "middle", "bottom", "upper left", "upper right", "lower left", "lower right"),
    "9": ("top", "upper left", "upper right", "middle", "lower right", "bottom"),
}
_DIGIT_WIDTH, _DIGIT_HEIGHT, _STROKE, _GAP = 10, 24, 6.5, 10


def draw(health: str, waiting: int = 0) -> Image.Image:
    """`health` is well, look or down; more than 99 waiting orders are shown as 99."""
    image = Image.new("RGBA", (SIZE * _FINE, SIZE * _FINE), (0, 0, 0, 0))
    pen = _Pen(ImageDraw.Draw(image))
    _shape(pen, health)
    marks = _SMALL_MARKS if waiting else _MARKS
    for stroke in marks[health]:
        pen.stroke(stroke, 8, _MARK_COLOUR[health])
    if waiting:
        _number(pen, str(min(waiting, MOST)))
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


class _Pen:
    """Draws in units of the finished icon."""

    def __init__(self, fine: ImageDraw.ImageDraw) -> None:
        self._fine = fine

    def disc(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self._fine.ellipse(_scaled(left, top, right, bottom), fill=colour)

    def block(self, left: float, top: float, right: float, bottom: float, colour: str, *, radius: float) -> None:
        self._fine.rounded_rectangle(_scaled(left, top, right, bottom), radius * _FINE, fill=colour)

    def stroke(self, points: tuple[Point, ...], width: float, colour: str) -> None:
        """With round ends and corners."""
        self._fine.line([_scaled(*point) for point in points], fill=colour, width=round(width * _FINE))
        for x, y in points:
            half = width / 2
            self.disc(x - half, y - half, x + half, y + half, colour)

    def area(self, points: tuple[Point, ...], colour: str) -> None:
        self._fine.polygon([_scaled(*point) for point in points], fill=colour)


def _scaled(*values: float) -> tuple[float, ...]:
    return tuple(value * _FINE for value in values)


def _shape(pen: _Pen, health: str) -> None:
    """With a white rim, so that it stands out on a dark panel as on a light one."""
    fill = _FILL[health]
    if health == "well":
        pen.disc(0, 0, 64, 64, _RIM)
        pen.disc(3, 3, 61, 61, fill)
    elif health == "look":
        corners = ((32, 6), (58, 57), (6, 57))
        pen.stroke((*corners, corners[0]), 12, _RIM)
        pen.stroke((*corners, corners[0]), 6, fill)
        pen.area(corners, fill)
    else:
        pen.block(0, 0, 64, 64, _RIM, radius=8)
        pen.block(3, 3, 61, 61, fill, radius=6)


def _number(pen: _Pen, number: str) -> None:
    """In the lower right corner, half as high as the icon."""
    wide = len(number) * _DIGIT_WIDTH + (len(number) - 1) * _GAP
    right, bottom = 58.0, 58.0
    left, top = right - wide, bottom - _DIGIT_HEIGHT
    edge = _STROKE / 2 + 2
    pen.block(left - edge - 2, top - edge - 2, 64, 64, _RIM, radius=6)
    pen.block(left - edge, top - edge, 64, 64, _BADGE, radius=4)
    for place, digit in enumerate(number):
        start = left + place * (_DIGIT_WIDTH + _GAP)
        for name in _DIGITS[digit]:
            ends = tuple((start + x * _DIGIT_WIDTH, top + y * _DIGIT_HEIGHT) for x, y in _SEGMENTS[name])
            pen.stroke(ends, _STROKE, _DIGIT)

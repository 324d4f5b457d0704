"""The programs' own icon: the green cross of a pharmacy. What the tray shows of the store's state it draws itself."""

from pathlib import Path

from PIL import Image, ImageDraw

SIZES = (16, 24, 32, 48, 256)
_SIDE = 256
_GREEN, _WHITE = "#1a7f37", "white"


def write(path: Path) -> Path:
    picture = Image.new("RGBA", (_SIDE, _SIDE))
    drawing = ImageDraw.Draw(picture)
    drawing.rounded_rectangle((8, 8, 247, 247), radius=48, fill=_GREEN)
    drawing.rectangle((104, 48, 151, 207), fill=_WHITE)
    drawing.rectangle((48, 104, 207, 151), fill=_WHITE)
    picture.save(path, sizes=[(size, size) for size in SIZES])
    return path

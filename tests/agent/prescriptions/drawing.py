"""A picture of a prescription, as a phone would take it."""

from io import BytesIO

from PIL import Image, ImageDraw


def prescription(words: str = "Rx 0.25g x24", *, size: tuple[int, int] = (900, 1200)) -> bytes:
    """A JPEG."""
    picture = Image.new("RGB", size, "#fdfaf0")
    pen = ImageDraw.Draw(picture)
    for place, line in enumerate(["HOSPITAL", words, "sig. t.i.d.", "Dr. Huang"]):
        pen.text((80, 120 + place * 220), line, fill="#223", font_size=90)
    pen.rectangle((20, 20, size[0] - 20, size[1] - 20), outline="#889", width=6)
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()

"""A Code 128 on the screen, for a scanner to read."""

from drivers.printers.code128 import encode_code128
from drivers.virtual.code128 import read_barcode

QUIET = 10
"""Modules of white on each side."""
HEIGHT = 40


def bars(text: str) -> tuple[str, int]:
    """The path of an SVG with one unit a module, and how many modules it is wide. Raises ValueError."""
    encoded = encode_code128(text)
    if encoded is None:
        raise ValueError(f"{text!r} does not fit a Code 128")
    modules = read_barcode(encoded[0]).modules
    black = (place for place, module in enumerate(modules, start=QUIET) if module == "1")
    return "".join(f"M{place} 0h1v{HEIGHT}h-1z" for place in black), len(modules) + 2 * QUIET

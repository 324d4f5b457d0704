"""Half a command that a broken connection left in a printer: many take the rest of it from whatever comes next, and a
slip whose head is gone still ends with the questions that prove it.

So the rest is sent first: zeros, which outside a command mean nothing.
"""

FILLING = bytes(2304)
"""Longer than any command of ours; pictures are cut into slices for its sake (`raster.py`)."""


class Remains:
    """Of one printer, over its conversations. At first nobody knows: the program may have died in the middle of a
    slip."""

    def __init__(self) -> None:
        self.possible = True

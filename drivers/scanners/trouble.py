"""Why a scanner is not read."""

from enum import StrEnum


class Trouble(StrEnum):
    MISSING = "missing"
    """Nothing of that name is plugged in."""
    AMBIGUOUS = "ambiguous"
    """Two devices answer to the name that was set."""
    TAKEN = "taken"
    """Another program holds it; two readers of one line would each get a part of its bytes."""
    FORBIDDEN = "forbidden"
    SPEED = "speed"
    """It is read, but only noise so far: the speed of its line is being looked for."""
    UNSUPPORTED = "unsupported"
    """This system cannot read it so."""
    FAILING = "failing"


HINTS = {
    Trouble.MISSING: "Plug the scanner in again; it is taken up by itself.",
    Trouble.AMBIGUOUS: "Name it by its USB plug (usb:VID:PID@PLUG), or by its path.",
    Trouble.TAKEN: "Close the program that holds it.",
    Trouble.FORBIDDEN: "Put the service's account into the device's group.",
    Trouble.SPEED: "Scan any code a few times, or set `speed`.",
    Trouble.UNSUPPORTED: "Set it to its serial mode, or leave it shared: the picking page hears it.",
    Trouble.FAILING: "Unplug it and plug it in again.",
}
"""What somebody beside the scanner does about it."""

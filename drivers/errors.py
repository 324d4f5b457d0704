"""What can go wrong between us and a device.

    DriverError
    ├── PrinterUnreachable   nothing of the slip was sent
    ├── PrinterBlocked       nothing of the slip was sent, the printer says why
    ├── Unprintable          the document itself cannot be printed
    ├── ConnectionLost       bytes were sent; what became of them is unknown
    │   ├── PrinterSilent    connected still, but the answers stopped
    │   └── WaitAbandoned    we stopped waiting ourselves
    ├── ScannerGone          the scanner is unplugged, taken or not to be told apart
    ├── CannotPlay           no sound leaves this computer
    ├── CannotSpeak          this computer has no Chinese voice, or it fails
    └── BadSound             what should be a sound is none

`retryable` is True only where it is proven that nothing was printed.
"""

from drivers.printers.status import Blocked
from drivers.scanners.trouble import HINTS, Trouble

__all__ = [
    "BadAddress",
    "BadSound",
    "CannotPlay",
    "CannotSpeak",
    "ConnectionLost",
    "DriverError",
    "PrinterBlocked",
    "PrinterSilent",
    "PrinterUnreachable",
    "ScannerGone",
    "Unprintable",
    "WaitAbandoned",
    "blocked_hint",
]


class DriverError(Exception):
    def __init__(self, message: str, *, retryable: bool, hint: str) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.hint = hint


class BadAddress(DriverError):
    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            retryable=False,
            hint="Write it as tcp://HOST:PORT, serial:///dev/ttyUSB0?baud=9600, serial://COM3?baud=9600, "
            "usb://VID:PID, file:///dev/usb/lp0, cups://QUEUE or spooler://QUEUE NAME (docs/printers.md).",
        )


class PrinterUnreachable(DriverError):
    """`reason` is `busy` where it is known that somebody else holds the printer."""

    def __init__(self, message: str, *, reason: Blocked = Blocked.unreachable, hint: str = "") -> None:
        super().__init__(message, retryable=True, hint=hint or _UNREACHABLE_HINTS[reason])
        self.reason = reason


class PrinterBlocked(DriverError):
    def __init__(self, reason: Blocked) -> None:
        super().__init__(f"printer is blocked: {reason}", retryable=True, hint=_BLOCKED_HINTS[reason])
        self.reason = reason


class Unprintable(DriverError):
    def __init__(self, message: str, *, hint: str = "Shorten it or print it on wider paper.") -> None:
        super().__init__(message, retryable=False, hint=hint)


class ConnectionLost(DriverError):
    def __init__(self, message: str, *, hint: str = "Look whether the slip came out before printing it again.") -> None:
        super().__init__(message, retryable=False, hint=hint)


class PrinterSilent(ConnectionLost):
    """The printer had answered before and no longer does, though it is connected."""


class WaitAbandoned(ConnectionLost):
    """The caller asked to stop before the printer's answer came."""


class ScannerGone(DriverError):
    def __init__(self, message: str, trouble: Trouble) -> None:
        super().__init__(message, retryable=True, hint=HINTS[trouble])
        self.trouble = trouble


class CannotPlay(DriverError):
    def __init__(self, message: str, *, hint: str = "Is a loudspeaker connected, and may this program use it?") -> None:
        super().__init__(message, retryable=True, hint=hint)


class CannotSpeak(DriverError):
    def __init__(self, message: str, *, hint: str = 'Set `speech = "packaged"`.') -> None:
        super().__init__(message, retryable=True, hint=hint)


class BadSound(DriverError):
    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False, hint="16-bit mono WAV is wanted.")


_UNREACHABLE_HINTS = {
    Blocked.unreachable: "Is the printer switched on, connected, and at this address? Another program may hold it.",
    Blocked.busy: "Another program holds the printer; it goes on by itself when that lets go.",
}

_BLOCKED_HINTS = {
    Blocked.paper_out: "Put in a new roll; printing goes on by itself.",
    Blocked.cover_open: "Close the printer's cover.",
    Blocked.cutter: "Free the cutter: switch the printer off, open the cover, take out the paper.",
    Blocked.error: "Switch the printer off and on again; let a hot head cool down.",
    Blocked.offline: "Set the printer online again with its button.",
    Blocked.busy: "Another program holds the printer, or its cover is open; it goes on by itself.",
    Blocked.unreachable: "Is the printer switched on and on this network?",
}


def blocked_hint(reason: Blocked) -> str:
    """What somebody at the printer does about it."""
    return _BLOCKED_HINTS[reason]

"""The narrow waist under a conversation: bytes out, bytes in. One class per transport."""

from typing import Protocol


class Wire(Protocol):
    """All methods raise OSError when the other side is gone."""

    def write(self, data: bytes) -> None:
        """Returns when the transport has taken all of it."""

    def read(self, timeout: float) -> bytes:
        """What has arrived, at the latest after `timeout` seconds; empty when nothing has."""

    def fileno(self) -> int | None:
        """What `select` can wait on for reading; None where the system cannot (a serial port on Windows, libusb)."""

    def close(self) -> None: ...

"""Another program of the store that prints on the same printer: it connects, prints a slip, and keeps the line."""

from drivers.virtual.client import Client


class _NoLink:
    """It hears no answers."""

    def fileno(self) -> int:
        return -1

    def receive(self, most: int) -> bytes:
        return b""

    def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def reset(self) -> None: ...


FOREIGN = "外来小票"
SLIP = b"\x1b@" + FOREIGN.encode("gbk") + b"\n\x1dV\x42\x00"


def other_program() -> Client:
    return Client(_NoLink())

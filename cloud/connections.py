"""uvicorn's HTTP connections, with a way past ASGI for what thousands are sent every few seconds: a piece of a response
that has begun, written at once or not at all. Through ASGI each would need a task of its own, which costs more than
everything else about it.
"""

from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cloud.asgi import Scope

AT_ONCE = "yaolink.at_once"
WriteAtOnce = Callable[[bytes], bool]
"""True: the piece is on its way. False: nothing was written; it must be sent as ever, which waits."""


class Connection(HttpToolsProtocol):
    """Offers itself to the app in the scope's extensions."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {AT_ONCE: {"write": self.write_at_once}}

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.scope is not None:  # it leads back here: nothing would free the two but the collector of garbage
            self.scope.pop("extensions", None)

    def write_at_once(self, data: bytes) -> bool:
        """As uvicorn writes a part of a body of unknown length. Not while something before it still waits here."""
        line = self.transport
        if line.is_closing() or self.flow.write_paused or line.get_write_buffer_size():
            return False
        line.write(b"%x\r\n%b\r\n" % (len(data), data))
        return True


def write_at_once(scope: Scope) -> WriteAtOnce:
    """Under another server it never does."""
    write: WriteAtOnce | None = scope.get("extensions", {}).get(AT_ONCE, {}).get("write")
    return write or _never


def _never(data: bytes) -> bool:
    return False

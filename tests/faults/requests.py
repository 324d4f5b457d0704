"""HTTP/1.1 requests as they pass by, whole: to be played again."""

_HEAD_END = b"\r\n\r\n"


class Requests:
    """Bytes in, whole requests out. Bodies have a Content-Length, as the agent's have; a stream of bytes that is read
    otherwise yields nothing more."""

    def __init__(self) -> None:
        self._pending: bytes | None = b""

    def feed(self, data: bytes) -> list[bytes]:
        if self._pending is None:
            return []
        self._pending += data
        whole = []
        while (length := _length(self._pending)) is not None and len(self._pending) >= length:
            whole.append(self._pending[:length])
            self._pending = self._pending[length:]
        if length is None and _HEAD_END in self._pending:
            self._pending = None
        return whole


def method(request: bytes) -> str:
    return request.partition(b" ")[0].decode("ascii", "replace")


def _length(data: bytes) -> int | None:
    """Of the first request, head and body; None while its head is not whole, or cannot be read."""
    head, end, _ = data.partition(_HEAD_END)
    if not end:
        return None
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"transfer-encoding" in fields:
        return None
    text = fields.get(b"content-length", b"0").strip()
    return len(head) + len(end) + int(text) if text.isdigit() else None

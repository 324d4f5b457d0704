"""As much of MQTT 3.1.1 as a client of QoS 1 with a persistent session speaks (OASIS mqtt-v3.1.1, chapters 2 and 3)."""

import struct

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
QOS_1, DUP = 0x02, 0x08
SESSION_PRESENT = 0x01


def connect(client: str) -> bytes:
    """The session is kept for this client while it is away. No keep-alive: it is the connection that ends."""
    return _packet(0x10, _text("MQTT") + struct.pack("!BBH", 4, 0, 0) + _text(client))


def subscribe(topic: str) -> bytes:
    return _packet(0x82, struct.pack("!H", 1) + _text(topic) + b"\x01")


def publish(topic: str, number: int, payload: bytes, *, again: bool) -> bytes:
    """`number` is acknowledged; it is not 0. `again`: it was sent before, and may have arrived."""
    return _packet(0x30 | QOS_1 | (DUP if again else 0), _text(topic) + struct.pack("!H", number) + payload)


def acknowledge(number: int) -> bytes:
    return _packet(0x40, struct.pack("!H", number))


def number_of(body: bytes) -> int:
    """Which PUBLISH a PUBACK is for."""
    (number,) = struct.unpack("!H", body[:2])
    return int(number)


def published(body: bytes) -> tuple[int, bytes]:
    """The number to acknowledge and the payload, of a PUBLISH of QoS 1."""
    (length,) = struct.unpack("!H", body[:2])
    at = 2 + int(length)
    return number_of(body[at:]), body[at + 2 :]


def remaining(digits: bytes) -> int | None:
    """The length that follows a packet's first byte; None: one more byte belongs to it."""
    if digits[-1] & 0x80:
        return None
    return sum((digit & 0x7F) << (7 * place) for place, digit in enumerate(digits))


def _packet(first: int, body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | 0x80 if length else digit)
        if not length:
            return bytes([first]) + bytes(digits) + body


def _text(text: str) -> bytes:
    return struct.pack("!H", len(text)) + text.encode()

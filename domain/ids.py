"""Identifiers, made from a clock and randomness that the caller brings."""

import hashlib
from collections.abc import Callable

from domain.times import Millis

Randomness = Callable[[int], bytes]
"""Returns that many random bytes: `os.urandom` in production, a seeded source in simulation."""

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_CODE_PREFIX = "YO"
ORDER_CODE_LENGTH = 14


def uuid7(now: Millis, randomness: Randomness) -> str:
    """RFC 9562 version 7: sorts by time, so that indexes grow at one end."""
    tail = int.from_bytes(randomness(10))
    value = (now & (1 << 48) - 1) << 80 | 0x7 << 76 | (tail >> 62 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return _written(value)


def first_uuid7(now: Millis) -> str:
    """No id made at that time or later sorts before it."""
    return _written((now & (1 << 48) - 1) << 80)


def _written(value: int) -> str:
    """As `str(uuid.UUID(int=value))`, three times as fast: intake makes several for each order."""
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def base32(random: bytes) -> str:
    """Crockford's alphabet: no I, L, O, U, so that people read and type it right. 5 bits a character."""
    value, length = int.from_bytes(random), len(random) * 8 // 5
    return "".join(CROCKFORD[value >> 5 * place & 31] for place in range(length))


def order_identity(chain: str, channel: str, channel_order_id: str, placed_at: Millis) -> tuple[str, str]:
    """The id and the code of a channel's order: whichever hub hears of it gives it these. A hub restored from a backup,
    to which the order comes again, finds the store's own by them. Sorts by the time the platform says."""
    said = "\0".join((chain, channel, channel_order_id, str(placed_at)))
    digest = hashlib.sha256(said.encode()).digest()
    return uuid7(placed_at, lambda size: digest[:size]), order_code(lambda size: digest[-size:])


def prescription_identity(order_id: str, placed_at: Millis) -> str:
    """The id of an order's one prescription, as lasting as the order's own: what a pharmacist in the store decided is
    still about this one after the hub was restored."""
    digest = hashlib.sha256(f"prescription\0{order_id}".encode()).digest()
    return uuid7(placed_at, lambda size: digest[:size])


def order_code(randomness: Randomness) -> str:
    """What a slip carries as Code 128 and QR: opaque, 60 bits, never mistaken for a code on a pack."""
    return ORDER_CODE_PREFIX + base32(randomness(8))[:12]

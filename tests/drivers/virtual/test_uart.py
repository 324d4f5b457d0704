import random

import pytest

from drivers.scanners.speeds import SPEEDS, SpeedFinder
from drivers.virtual.uart import as_read

CODE = b"81234567890123456789\r"


@pytest.mark.parametrize("speed", SPEEDS)
def test_at_its_own_speed_every_byte_arrives(speed: int) -> None:
    assert as_read(bytes(range(256)), speed, speed) == bytes(range(256))


def test_a_little_off_still_arrives_as_on_a_real_line() -> None:
    """A UART bears two or three in a hundred; and so the bits are the right ones."""
    assert as_read(CODE, 9600, 9700) == CODE
    assert as_read(CODE, 9600, 9500) == CODE


def test_read_twice_as_fast_each_bit_comes_twice() -> None:
    """0x38 sent: low 0, 0 0 0 1 1 1 0 0, high. Read at double speed the first byte is its first five bits, doubled."""
    assert as_read(b"\x38", 9600, 19200)[:1] == b"\x80"


@pytest.mark.parametrize("sent_at", SPEEDS)
@pytest.mark.parametrize("read_at", SPEEDS)
def test_what_is_read_at_a_wrong_speed_is_never_taken_for_a_code(sent_at: int, read_at: int) -> None:
    if sent_at == read_at:
        return
    chance = random.Random(f"{sent_at} {read_at}")
    for _ in range(300):
        code = bytes(chance.choices(b"0123456789ABCDEFabcdef-./\x1d", k=chance.randint(4, 40))) + b"\r"
        noise = as_read(code, sent_at, read_at)
        finder = SpeedFinder()
        assert not finder.read(noise) and not finder.found

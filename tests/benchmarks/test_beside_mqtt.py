"""The comparison with Mosquitto, where its short form cannot look: how it counts, and the bytes it speaks."""

import pytest

from benchmarks.beside_mqtt import mqtt
from benchmarks.beside_mqtt.ledger import Wrong, wrong


def test_what_never_came_is_lost_and_what_came_again_doubled() -> None:
    assert wrong([1, 2, 3, 4], [1, 3, 3, 3, 4]) == Wrong(lost=1, doubled=2)
    assert wrong([1, 2], [2, 1]) == Wrong(lost=0, doubled=0)


@pytest.mark.parametrize("size", [0, 100, 127, 128, 16_383, 16_384, 70_000])
def test_a_message_of_any_length_reads_as_it_was_written(size: int) -> None:
    packet = mqtt.publish("shop", 7, b"x" * size, again=False)
    digits = 1
    while (length := mqtt.remaining(packet[1 : 1 + digits])) is None:
        digits += 1
    body = packet[1 + digits :]
    assert packet[0] >> 4 == mqtt.PUBLISH
    assert len(body) == length
    assert mqtt.published(body) == (7, b"x" * size)


def test_a_message_sent_again_is_marked() -> None:
    first, again = (mqtt.publish("shop", 7, b"", again=again)[0] for again in (False, True))
    assert again == first | mqtt.DUP

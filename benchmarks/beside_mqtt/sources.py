"""Who hands orders to each server, one after the other, and leaves none before the server said that it has it."""

import http.client
import itertools
import json
import socket
import struct
import time
from typing import Protocol
from urllib.parse import urlsplit

from benchmarks import figures
from benchmarks.beside_mqtt import mqtt
from benchmarks.small_orders import small_order

AGAIN_SECONDS = 0.05
ANSWER_SECONDS = 5.0
LONGEST_SECONDS = 100.0
"""A server that takes an order no sooner does not take it at all."""


class Source(Protocol):
    handed_ms: dict[int, float]
    """When each number was handed over for the first time. All of them were taken in the end."""

    def hand_over(self, number: int, shop: str) -> None:
        """Until the server has it. Raises RuntimeError when that takes too long."""
        ...


class ToHub:
    """As a channel does it: the same order again under its own number is the same order."""

    def __init__(self, hub_url: str, key: str) -> None:
        self.handed_ms: dict[int, float] = {}
        self._address = urlsplit(hub_url).netloc
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._line = http.client.HTTPConnection(self._address, timeout=ANSWER_SECONDS)

    def hand_over(self, number: int, shop: str) -> None:
        body = json.dumps(small_order(number, shop))
        self.handed_ms[number] = figures.now_ms()
        while not self._is_taken(body):
            self._line.close()
            _rest(self.handed_ms[number])

    def _is_taken(self, body: str) -> bool:
        try:
            self._line.request("POST", "/channels/own/orders", body, self._headers)
            answer = self._line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        return answer.status == 200


class ToBroker:
    """QoS 1 with a persistent session: published again, and marked as such, until it was acknowledged."""

    def __init__(self, port: int) -> None:
        self.handed_ms: dict[int, float] = {}
        self._port = port
        self._line: socket.socket | None = None

    def hand_over(self, number: int, shop: str) -> None:
        body = json.dumps(small_order(number, shop)).encode()
        self.handed_ms[number] = figures.now_ms()
        for attempt in itertools.count():
            if self._is_taken(mqtt.publish(shop, 1 + number % 0xFFFF, body, again=attempt > 0)):
                return
            self._line = None
            _rest(self.handed_ms[number])

    def _is_taken(self, packet: bytes) -> bool:
        try:
            line = self._line = self._line or self._connected()
            line.sendall(packet)
            return _answer(line, 4)[0] >> 4 == mqtt.PUBACK
        except (OSError, EOFError):
            return False

    def _connected(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, struct.pack("i", 1))
        line.sendall(mqtt.connect("source"))
        _answer(line, 4)
        return line


def _rest(handed_ms: float) -> None:
    if figures.now_ms() - handed_ms > LONGEST_SECONDS * 1000:
        raise RuntimeError("an order was not taken")
    time.sleep(AGAIN_SECONDS)


def _answer(line: socket.socket, size: int) -> bytes:
    came = bytearray()
    while len(came) < size:
        piece = line.recv(size - len(came))
        if not piece:
            raise EOFError
        came += piece
    return bytes(came)

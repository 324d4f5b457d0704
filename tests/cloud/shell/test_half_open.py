"""Clients that are there and take nothing, over real sockets."""

import socket
import time
from collections.abc import Iterator

import pytest

from cloud.edge import stream
from domain.events import CATALOGUE
from tests.cloud.shell.serving import RunningHub
from tests.waiting import eventually

SMALL = 4096
"""Bytes of buffer on both sides, so that little is enough to fill the way."""


@pytest.fixture
def narrow(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> RunningHub:
    """An impatient hub whose connections hold little, with more in its catalogue than fits into them."""
    monkeypatch.setattr(stream, "SEND_SECONDS", 5.0)
    hub._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    hub.fill_catalogue(600, "很长的药名" * 60)
    return hub


def asking(hub: RunningHub) -> bytes:
    """For the catalogue's stream from its beginning; who does not know the log would begin with its snapshot."""
    token = hub.pair().token
    (catalogue,) = hub.hub.heads.of([CATALOGUE])
    cursor = f"{CATALOGUE}@{catalogue.log_id}:0"
    return f"GET /edge/stream?after={cursor} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


@pytest.fixture
def mute(narrow: RunningHub) -> Iterator[socket.socket]:
    """Has asked for the catalogue's stream, and never reads."""
    request = asking(narrow)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        line.connect(("127.0.0.1", narrow.port))
        line.sendall(request)
        eventually(lambda: len(narrow.hub.followers) == 1, "the stream is open", within=30)
        yield line


def test_a_client_that_takes_nothing_is_dropped(narrow: RunningHub, mute: socket.socket) -> None:
    eventually(lambda: len(narrow.hub.followers) == 0, "it is dropped")
    assert narrow.hub.attendance.of("S1").connections == 0
    assert narrow.hub.hints.count() == 0


def test_a_client_that_takes_a_little_now_and_then_stays(narrow: RunningHub, mute: socket.socket) -> None:
    """And the hub holds no more for it than one page."""
    until = time.monotonic() + 9
    taken = 0
    while time.monotonic() < until:
        taken += len(mute.recv(65536))
        time.sleep(0.02)
    assert taken > 100_000
    assert len(narrow.hub.followers) == 1


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux ends such connections by itself")
def test_the_system_ends_a_connection_that_takes_nothing(hub: RunningHub) -> None:
    """Without a word of ours: heartbeats alone would not fill the way for days."""
    hub._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    hub._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
    hub.fill_catalogue(600, "很长的药名" * 60)
    request = asking(hub)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        line.connect(("127.0.0.1", hub.port))
        line.sendall(request)
        eventually(lambda: len(hub.hub.followers) == 1, "the stream is open", within=30)
        eventually(lambda: len(hub.hub.followers) == 0, "it is dropped")

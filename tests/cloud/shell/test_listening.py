"""The hub's listening socket."""

import select
import socket

import pytest

from cloud.listening import listen


@pytest.mark.skipif(not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="Linux only")
def test_a_connection_is_taken_with_its_request() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as client:
        assert select.select([listener], [], [], 0.2)[0] == [], "taken though it has asked nothing"
        client.sendall(b"GET / HTTP/1.1\r\n")
        assert select.select([listener], [], [], 30)[0] == [listener]
        taken, _ = listener.accept()
        with taken:
            assert taken.recv(100) == b"GET / HTTP/1.1\r\n"

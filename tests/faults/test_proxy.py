"""Every fault of the proxy, met by real sockets: a fault that does not strike would make every campaign vacuous."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.lanes import SLOW_LORIS, SLOW_LORIS_S, Lane, Way
from tests.faults.proxy import LOOPBACK, FaultProxy
from tests.faults.requests import Requests
from tests.listening import close_listening
from tests.ports import free_port
from tests.waiting import eventually

REQUEST = b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"


class Echo:
    """A server that keeps what each connection said and says it back, chunk by chunk."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[list[bytes]] = []
        self.ended: list[str] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def all_heard(self) -> list[bytes]:
        return [b"".join(chunks) for chunks in self.heard]

    def close(self) -> None:
        close_listening(self._listener)
        for thread in self._threads:
            thread.join(60)

    def _listen(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            chunks: list[bytes] = []
            self.heard.append(chunks)
            self._threads.append(threading.Thread(target=self._serve, args=(link, chunks), daemon=True))
            self._threads[-1].start()

    def _serve(self, link: socket.socket, chunks: list[bytes]) -> None:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with link:
            try:
                while data := link.recv(65536):
                    chunks.append(data)
                    link.sendall(data)
                self.ended.append("closed")
            except OSError:
                self.ended.append("reset")


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(echo.port, seed=1) as running:
        yield running


@contextmanager
def connected(proxy: FaultProxy) -> Iterator[socket.socket]:
    with socket.create_connection((LOOPBACK, proxy.port), timeout=30.0) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield link


def received(link: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count and (data := link.recv(count - len(got))):
        got += data
    return got


def silent_for(link: socket.socket, seconds: float) -> bool:
    link.settimeout(seconds)
    try:
        return link.recv(1) == b"never"
    except TimeoutError:
        return True
    finally:
        link.settimeout(30.0)


def wait_for(echo: Echo, total: int) -> None:
    eventually(lambda: sum(map(len, echo.all_heard())) >= total, f"{total} bytes were heard", every=0.005)


def test_a_clear_way_changes_nothing(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link:
        large = bytes(range(256)) * 2000
        threading.Thread(target=link.sendall, args=(large,)).start()
        assert received(link, len(large)) == large
        link.shutdown(socket.SHUT_WR)
        assert link.recv(1) == b""
    assert echo.ended == ["closed"]
    assert not +proxy.struck


def test_latency_delays_each_way(proxy: FaultProxy) -> None:
    with connected(proxy) as link:
        proxy.set(Way(up=Lane(latency=0.1), down=Lane(latency=0.05, jitter=0.02)))
        began = time.monotonic()
        link.sendall(b"ping")
        assert received(link, 4) == b"ping"
        assert time.monotonic() - began >= 0.15
        proxy.heal()
        link.sendall(b"ping")
        assert received(link, 4) == b"ping"
    assert proxy.struck == {"slow up": 1, "slow down": 1}


def test_bandwidth_is_shared_out_over_time(proxy: FaultProxy) -> None:
    with connected(proxy) as link:
        proxy.set(Way(up=Lane(bytes_per_second=20_000, piece=500)))
        began = time.monotonic()
        link.sendall(bytes(4000))
        assert received(link, 4000) == bytes(4000)
        assert time.monotonic() - began >= 0.17


def test_slicing_sends_single_bytes(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link:
        link.sendall(b"x")
        assert received(link, 1) == b"x", "it listens: one that comes late would hear the pieces as one"
        proxy.set(Way(up=Lane(piece=1, pause=0.1)))
        link.sendall(b"abcdefgh")
        assert received(link, 8) == b"abcdefgh"
    assert max(map(len, echo.heard[0])) < 8


def test_a_slow_loris_holds_its_place(proxy: FaultProxy) -> None:
    with connected(proxy) as link:
        proxy.set(Way(up=SLOW_LORIS))
        began = time.monotonic()
        link.sendall(b"abcdefgh")
        assert received(link, 8) == b"abcdefgh"
        assert time.monotonic() - began >= 7 * SLOW_LORIS_S


def test_an_answer_is_lost_after_its_effect(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link:
        proxy.set(Way(down=Lane(cut_after=0)))
        link.sendall(b"effect")
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    wait_for(echo, 6)
    assert echo.all_heard() == [b"effect"]
    assert proxy.struck == {"cut down": 1}


def test_a_request_is_cut_in_its_middle(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link:
        link.sendall(b"before")
        assert received(link, 6) == b"before"
        proxy.set(Way(up=Lane(cut_after=4)))
        link.sendall(b"abc")
        assert received(link, 3) == b"abc"
        link.sendall(b"defgh")
        with pytest.raises(ConnectionResetError):
            while link.recv(10):
                pass
    assert b"".join(echo.heard[0]) in (b"beforeabc", b"beforeabcd")


def test_a_reset_meets_both_ends(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link:
        link.sendall(b"x")
        assert received(link, 1) == b"x"
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    echo.close()
    assert echo.ended == ["reset"]


def test_a_black_hole_keeps_its_sockets_open_even_after_healing(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link, connected(proxy) as untouched:
        for each in (link, untouched):
            each.sendall(b"x")
            assert received(each, 1) == b"x"
        proxy.set(Way(hole=True))
        link.sendall(b"lost")
        assert silent_for(link, 0.1)
        proxy.heal()
        link.sendall(b"lost too")
        assert silent_for(link, 0.1)
        untouched.sendall(b"y")
        assert received(untouched, 1) == b"y"
        assert proxy.connections == 2
        proxy.bury()
        with pytest.raises(ConnectionResetError):
            link.recv(1)
    assert sorted(echo.all_heard()) == [b"x", b"xy"]


def test_a_connection_made_in_a_hole_is_silent(proxy: FaultProxy, echo: Echo) -> None:
    proxy.set(Way(hole=True))
    with connected(proxy) as link:
        link.sendall(b"lost")
        assert silent_for(link, 0.1)
    assert b"".join(echo.all_heard()) == b""


def test_accepted_and_then_silence(proxy: FaultProxy, echo: Echo) -> None:
    proxy.set(Way(silent=True))
    with connected(proxy) as link:
        link.sendall(b"anybody?")
        eventually(lambda: proxy.struck, "it is let in")
        assert silent_for(link, 0.1)
    assert echo.heard == []
    assert proxy.struck == {"silent": 1}


def test_refused_at_the_door(proxy: FaultProxy, echo: Echo) -> None:
    proxy.set(Way(refused=True))
    with pytest.raises(ConnectionError), connected(proxy) as link:
        link.sendall(b"x")
        assert link.recv(1) != b""
        raise AssertionError("it was let in")
    proxy.heal()
    with connected(proxy) as link:
        link.sendall(b"x")
        assert received(link, 1) == b"x"
    assert echo.all_heard() == [b"x"]


def test_nobody_behind_the_proxy_is_a_closed_door() -> None:
    with FaultProxy(free_port()) as proxy, pytest.raises(ConnectionError), connected(proxy) as link:
        link.sendall(b"x")
        if link.recv(1) == b"":
            raise ConnectionError("closed")


def test_a_request_is_played_again_over_a_connection_of_its_own(proxy: FaultProxy, echo: Echo) -> None:
    with connected(proxy) as link:
        proxy.replay()
        for piece in (REQUEST[:30], REQUEST[30:] + b"GET /g HTTP/1.1\r\n\r\n", REQUEST):
            link.sendall(piece)
            assert received(link, len(piece)) == piece
        wait_for(echo, 3 * len(REQUEST) + 19)
    assert sorted(echo.all_heard(), key=len) == [REQUEST, REQUEST + b"GET /g HTTP/1.1\r\n\r\n" + REQUEST]
    assert proxy.replayed == [REQUEST]


def test_what_is_no_request_is_not_played_again() -> None:
    assert Requests().feed(REQUEST + REQUEST[:40]) == [REQUEST]
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    requests = Requests()
    assert requests.feed(chunked) == []
    assert requests.feed(REQUEST) == []

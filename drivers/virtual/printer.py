"""A printer on TCP made of software: interprets, answers, fails on demand, keeps what it printed."""

import logging
import selectors
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Self, TypeVar

from drivers.virtual.commands import Command, Tokenizer
from drivers.virtual.faults import Fault, auto_status, paper_sensor, real_time_status, stops_printing
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.replies import OURS, Identity, Offline, identity_reply, offline_reply, process_id_reply
from drivers.virtual.slip import ROLL_80, Roll, VirtualSlip

T = TypeVar("T")

log = logging.getLogger(__name__)

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Connection:
    """One client. Its status questions are answered as they arrive; everything else waits its turn."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.tokenizer = Tokenizer()
        self.wants_auto_status = False
        self.wants_offline = Offline.untold
        self.first_byte_seen = False

    def answer(self, data: bytes) -> None:
        with suppress(OSError):  # a client that left or does not read misses its answer, as with a real printer
            self.link.send(data)


class VirtualPrinter:
    """Serves from construction to `stop`, in one thread of its own; `on_slip` and `on_bytes` are called there.

    While a fault stops printing, everything sent is kept, from clients long gone too, and comes out when the
    fault is cleared: the trap real printers set for those who retry (facts/devices.md §0.3).

    `on_bytes` gets the monotonic time of the first byte of each slip, status questions not counted. Without
    `process_id` it passes GS ( H over in silence, as most printers that are not Epson's do.
    """

    def __init__(
        self,
        paper: Roll = ROLL_80,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        on_slip: Callable[[VirtualSlip], None] | None = None,
        on_bytes: Callable[[float], None] | None = None,
        process_id: bool = True,
        identity: Identity = OURS,
    ) -> None:
        self.paper = paper
        self.mute = False
        self.process_id = process_id
        self.identity = identity
        self.on_slip = on_slip
        self.on_bytes = on_bytes
        self._mechanism = Mechanism(paper)
        self._fault: Fault | None = None
        self._next_fault: tuple[Fault, int] | None = None
        self._pending: deque[tuple[_Connection, Command]] = deque()
        self._orders: deque[Callable[[], None]] = deque()
        self._slip_came = threading.Condition()
        self._running = True
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server((host, port))
        self._listener.setblocking(False)
        self.host, self.port = self._listener.getsockname()[:2]
        self._waker, self._wakened = socket.socketpair()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wakened, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name=f"virtual printer {self.port}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    @property
    def slips(self) -> list[VirtualSlip]:
        """Slips that physically left, in order."""
        return list(self._mechanism.slips)

    @property
    def drawer_kicks(self) -> int:
        return self._mechanism.drawer_kicks

    @property
    def beeps(self) -> int:
        return self._mechanism.beeps

    def fault(self, fault: Fault | None, *, after_lines: int = 0) -> None:
        """Now, or in the middle of a slip once so many more lines are printed."""
        if fault and after_lines:
            later = (fault, self._mechanism.lines_printed + after_lines)
            self._order(lambda: setattr(self, "_next_fault", later))
        else:
            self._order(lambda: self._set_fault(fault))

    def drop_connections(self) -> None:
        """As if the cable were pulled and put back: every client sees a reset."""
        self._order(self._reset_clients)

    def wait_for_slips(self, count: int, timeout: float = 5.0) -> list[VirtualSlip]:
        """All slips so far, as soon as there are `count`. Raises TimeoutError."""
        with self._slip_came:
            if not self._slip_came.wait_for(lambda: len(self._mechanism.slips) >= count, timeout):
                raise TimeoutError(f"{len(self._mechanism.slips)} slips came out, not {count}")
        return self.slips

    def stop(self) -> None:
        self._order(lambda: setattr(self, "_running", False))
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _order(self, order: Callable[[], None]) -> None:
        """Carried out by the printer's thread before it reads anything sent later."""
        self._orders.append(order)
        with suppress(OSError):  # stopped already
            self._waker.send(b"!")

    def _serve(self) -> None:
        while self._running:
            ready = self._selector.select()
            while self._orders:
                self._orders.popleft()()
            for key, _ in ready:
                self._attend(key)
            self._work()
        self._close()

    def _attend(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._wakened:
            self._wakened.recv(4096)
        elif key.fileobj is self._listener:
            self._accept()
        elif isinstance(key.data, _Connection) and key.data.link.fileno() >= 0:
            self._receive(key.data)

    def _accept(self) -> None:
        with suppress(OSError):  # gone again before we looked
            link, _ = self._listener.accept()
            link.setblocking(False)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(link, selectors.EVENT_READ, _Connection(link))

    def _receive(self, client: _Connection) -> None:
        arrived = time.monotonic()
        try:
            data = client.link.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(client.link)
            client.link.close()
            return
        for command in client.tokenizer.feed(data):
            if command.name == "DLE EOT":
                self._answer_real_time(client, command.data[0])
                continue
            self._note_first_byte(client, arrived)
            self._pending.append((client, command))

    def _answer_real_time(self, client: _Connection, n: int) -> None:
        if n in (1, 2, 3, 4):
            self._answer(client, bytes((real_time_status(self._fault, n),)))

    def _note_first_byte(self, client: _Connection, arrived: float) -> None:
        if client.first_byte_seen:
            return
        client.first_byte_seen = True
        _tell(self.on_bytes, arrived)

    def _work(self) -> None:
        """Prints what waits, as far as nothing stops it."""
        while self._pending and not stops_printing(self._fault):
            client, command = self._pending.popleft()
            self._execute(client, command)
            if self._next_fault and self._mechanism.lines_printed >= self._next_fault[1]:
                self._set_fault(self._next_fault[0])

    def _execute(self, client: _Connection, command: Command) -> None:
        match command.name:
            case "GS r":
                client.first_byte_seen = False
                self._answer(client, bytes((paper_sensor(self._fault),)))
            case "GS a":
                client.wants_auto_status = bool(command.data[0])
                if client.wants_auto_status:
                    self._answer(client, auto_status(self._fault))
            case "ESC @":
                client.wants_auto_status = False
                self._mechanism.execute(command)
            case "GS I":
                self._answer(client, identity_reply(self.identity, command.data[0]))
            case "GS (" if command.data[:1] == b"H":
                self._answer_request(client, command.data[3:])
            case "GS V":
                self._mechanism.execute(command)
                self._let_out(self._mechanism.slips[-1])
            case _:
                self._mechanism.execute(command)

    def _answer_request(self, client: _Connection, function: bytes) -> None:
        """GS ( H: 48 returns an id once all before it is printed, 49 asks to be told when printing stops."""
        if not self.process_id:
            return
        if function[:2] == b"00" and len(function) == 6:
            self._answer(client, process_id_reply(function[2:]))
        elif function[:2] == b"10" and len(function) == 3:
            client.wants_offline = Offline(function[2] % 48)

    def _let_out(self, slip: VirtualSlip) -> None:
        with self._slip_came:
            self._slip_came.notify_all()
        _tell(self.on_slip, slip)

    def _set_fault(self, fault: Fault | None) -> None:
        self._fault, self._next_fault = fault, None
        log.info("virtual printer %s: %s", self.port, fault or "in order")
        for client in self._clients():
            if client.wants_auto_status:
                self._answer(client, auto_status(fault))
            if fault and stops_printing(fault):
                self._answer(client, offline_reply(client.wants_offline, fault))

    def _answer(self, client: _Connection, data: bytes) -> None:
        if data and not self.mute:
            client.answer(data)

    def _reset_clients(self) -> None:
        for client in self._clients():
            self._selector.unregister(client.link)
            client.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            client.link.close()

    def _clients(self) -> list[_Connection]:
        keys = self._selector.get_map().values()
        return [key.data for key in keys if isinstance(key.data, _Connection)]

    def _close(self) -> None:
        for client in self._clients():
            client.link.close()
        for link in (self._listener, self._waker, self._wakened):
            link.close()
        self._selector.close()


def _tell(listener: Callable[[T], None] | None, news: T) -> None:
    """A listener's error is its own: the printer prints on."""
    if listener is None:
        return
    try:
        listener(news)
    except Exception:
        log.exception("virtual printer: a listener failed")

"""A printer made of software: interprets, answers, fails on demand, keeps what it printed."""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Self, TypeVar

from drivers.virtual.client import Client
from drivers.virtual.commands import Tokenizer
from drivers.virtual.dialect import FULL, NO_PROCESS_ID, Dialect
from drivers.virtual.engine import PrintEngine
from drivers.virtual.faults import MOMENTARY, OF_THE_WIRE, Fault, Plan
from drivers.virtual.firmware import Firmware
from drivers.virtual.links import Door, TcpDoor
from drivers.virtual.other_program import SLIP, other_program
from drivers.virtual.receive_buffer import ReceiveBuffer
from drivers.virtual.replies import OURS, Identity
from drivers.virtual.slip import ROLL_80, Roll, VirtualSlip

T = TypeVar("T")

log = logging.getLogger(__name__)

Others = Literal["served", "refused", "left_mute"]
"""What becomes of a second client while one is connected: all three exist in the field."""


class VirtualPrinter:
    """Serves from construction to `stop`, in one thread of its own; `on_slip` (cut), `on_torn` (half printed, torn off
    after a power loss) and `on_bytes` are called there.

    While a fault stops printing, everything sent is kept, from clients long gone too, and comes out when the
    fault is cleared: the trap real printers set for those who retry (facts/devices.md §0.3).

    `on_bytes` gets the monotonic time of the first byte of each slip, questions not counted. `speed` in mm/s,
    `buffer` in bytes (full, it stops reading), `slow` in bytes/s for the fault "slow_drain"; `deaf_when_open`: with
    the cover open it reads nothing, real-time questions included, as many do on USB and LAN; `one_parser`: a command
    cut off with its connection waits for its rest, and takes it from whoever comes next. A `door` other than TCP takes
    the place of host and port.
    """

    def __init__(
        self,
        paper: Roll = ROLL_80,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        on_slip: Callable[[VirtualSlip], None] | None = None,
        on_torn: Callable[[VirtualSlip], None] | None = None,
        on_bytes: Callable[[float], None] | None = None,
        process_id: bool = True,
        dialect: Dialect | None = None,
        identity: Identity = OURS,
        speed: float | None = None,
        buffer: int | None = None,
        slow: float = 500,
        others: Others = "served",
        deaf_when_open: bool = False,
        one_parser: bool = False,
        door: Door | None = None,
    ) -> None:
        self.paper, self.host = paper, host
        self.on_slip, self.on_torn, self.on_bytes = on_slip, on_torn, on_bytes
        self._engine = PrintEngine(paper, speed)
        self._firmware = Firmware(
            self._engine,
            ReceiveBuffer(buffer),
            dialect or (FULL if process_id else NO_PROCESS_ID),
            identity,
            slow=slow,
            deaf_when_open=deaf_when_open,
            on_fault=self._on_fault,
            on_slip=self._let_out,
            on_first_byte=lambda at: _tell(self.on_bytes, at),
        )
        self._others = others
        self._parser = Tokenizer() if one_parser else None
        self._has_power = True
        self._history: list[tuple[float, Fault | None]] = []
        self._ails: Fault | None = None
        self._orders: deque[Callable[[], None]] = deque()
        self._slip_came = threading.Condition()
        self._running = True
        self._foreign_slip_due = False
        self._door: Door = door or TcpDoor(host, port)
        self.port = self._door.port if isinstance(self._door, TcpDoor) else 0
        self._watched_door = -1
        self._selector = selectors.DefaultSelector()
        self._waker, self._wakened = socket.socketpair()
        self._selector.register(self._wakened, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name=f"virtual printer {self.address}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return self._door.address

    @property
    def slips(self) -> list[VirtualSlip]:
        """Slips that physically left, in order."""
        return list(self._engine.mechanism.slips)

    @property
    def torn(self) -> list[VirtualSlip]:
        """Half slips that were torn off after a power loss."""
        return list(self._engine.mechanism.torn)

    @property
    def drawer_kicks(self) -> int:
        return self._engine.mechanism.drawer_kicks

    @property
    def beeps(self) -> int:
        return self._engine.mechanism.beeps

    @property
    def bytes_received(self) -> int:
        """DLE commands not counted."""
        return self._firmware.bytes_received

    @property
    def ails(self) -> Fault | None:
        """The fault it has now: seen outside once its doors stand as they should."""
        return self._ails

    @property
    def history(self) -> list[tuple[float, Fault | None]]:
        """When each fault so far began, None where all was well again; monotonic."""
        return list(self._history)

    @property
    def mute(self) -> bool:
        """It answers nothing, whatever its dialect."""
        return self._firmware.mute

    @mute.setter
    def mute(self, mute: bool) -> None:
        self._firmware.mute = mute

    def fault(
        self, fault: Fault | None, *, after_lines: int = 0, after_bytes: int = 0, lasts_s: float | None = None
    ) -> None:
        """Now; or once so many more lines are printed; or at a byte of what comes next, counted where the fault
        happens: received, or printed. None, or the end of `lasts_s`, mends all."""

        def begin() -> None:
            self._firmware.forget_plan()
            if fault and (after_lines or after_bytes):
                self._firmware.plan(self._planned(fault, after_lines, after_bytes, lasts_s))
            else:
                self._firmware.begin(fault, None if lasts_s is None else time.monotonic() + lasts_s)

        self._order(begin)

    def drop_connections(self) -> None:
        """As if the cable were pulled and put back: every client sees a reset."""
        self._order(lambda: self._lose_clients(reset=True))

    def wait_for_slips(self, count: int, timeout: float = 30.0) -> list[VirtualSlip]:
        """All slips so far, as soon as there are `count`. Raises TimeoutError."""
        with self._slip_came:
            if not self._slip_came.wait_for(lambda: len(self._engine.mechanism.slips) >= count, timeout):
                raise TimeoutError(f"{len(self.slips)} slips came out, not {count}")
        return self.slips

    def stop(self) -> None:
        self._order(lambda: setattr(self, "_running", False))
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _planned(self, fault: Fault, after_lines: int, after_bytes: int, lasts_s: float | None) -> Plan:
        if after_lines:
            return Plan(fault, lasts_s, at_line=self._engine.mechanism.lines_printed + after_lines)
        so_far = self._firmware.bytes_received if fault in OF_THE_WIRE else self._engine.bytes_printed
        return Plan(fault, lasts_s, at_byte=so_far + after_bytes)

    def _order(self, order: Callable[[], None]) -> None:
        """Carried out by the printer's thread before it reads anything sent later."""
        self._orders.append(order)
        with suppress(OSError):  # stopped already
            self._waker.send(b"!")

    def _serve(self) -> None:
        self._admit()  # a serial line is plugged in already
        while self._running:
            now = time.monotonic()
            self._watch(now)
            moment = self._firmware.next_moment(now)
            ready = self._selector.select(None if moment is None else max(0.0, moment - now))
            if any(key.fileobj is self._wakened for key, _ in ready):
                self._wakened.recv(4096)  # before the orders: one that comes meanwhile wakes us again
            while self._orders:
                self._orders.popleft()()
            now = time.monotonic()
            self._firmware.pass_time(now)
            for key, _ in ready:
                self._attend(key, now)
            self._let_another_program_print(now)
            self._firmware.work(now)
        self._close()

    def _watch(self, now: float) -> None:
        """Listens to those from whom something may be read now, and to the door while somebody may come in."""
        for client in self._firmware.clients:
            may_read = self._firmware.allowance(client, now) > 0
            if may_read and not client.is_read:
                self._selector.register(client.link.fileno(), selectors.EVENT_READ, client)
            elif client.is_read and not may_read:
                self._selector.unregister(client.link.fileno())
            client.is_read = may_read
        self._watch_door()

    def _watch_door(self) -> None:
        is_taken = self._firmware.fault == "taken"
        is_held = self._others != "served" and bool(self._firmware.clients)
        if not self._has_power or ((is_taken or is_held) and self._others == "refused"):
            self._unwatch_door()
            self._door.shut()
            return
        self._door.open()
        if is_taken or is_held:
            self._unwatch_door()
        elif self._watched_door < 0 <= self._door.fileno():
            self._watched_door = self._door.fileno()
            self._selector.register(self._watched_door, selectors.EVENT_READ, self._door)

    def _unwatch_door(self) -> None:
        if self._watched_door >= 0:
            self._selector.unregister(self._watched_door)
            self._watched_door = -1

    def _attend(self, key: selectors.SelectorKey, now: float) -> None:
        if key.data is self._door:
            self._admit()
        elif isinstance(key.data, Client) and key.data in self._firmware.clients:
            self._receive(key.data, now)

    def _admit(self) -> None:
        link = self._door.admit()
        if link:
            self._firmware.clients.append(Client(link, self._parser or Tokenizer()))
        if self._door.fileno() != self._watched_door:
            self._unwatch_door()

    def _receive(self, client: Client, now: float) -> None:
        most = self._firmware.allowance(client, now)
        if not most:
            return
        data = client.link.receive(most)
        if data:
            self._firmware.receive(client, data, now)
        else:
            self._forget(client)
            client.link.close()

    def _forget(self, client: Client) -> None:
        if client.is_read:
            self._selector.unregister(client.link.fileno())
        self._firmware.clients.remove(client)

    def _lose_clients(self, *, reset: bool, which: Callable[[Client], bool] = lambda _: True) -> None:
        for client in [each for each in self._firmware.clients if which(each)]:
            self._forget(client)
            client.link.reset() if reset else client.link.close()

    def _on_fault(self, fault: Fault | None) -> None:
        """What a fault, or its end (None), does to those who are connected."""
        self._history.append((time.monotonic(), fault))
        if fault in MOMENTARY:
            self._lose_clients(reset=fault == "reset")
            return
        if fault == "power_loss" and self._parser:
            self._parser.forget()
        had_power, self._has_power = self._has_power, fault != "power_loss"
        self._foreign_slip_due = fault == "taken"
        self._watch_door()
        if not had_power:
            self._lose_clients(reset=True)  # it no longer knows them
        if fault != "discards":
            self._lose_clients(reset=True, which=lambda client: client.discarded)
        self._ails = fault

    def _let_another_program_print(self, now: float) -> None:
        """As soon as nobody else is connected."""
        if self._foreign_slip_due and not self._firmware.clients:
            self._foreign_slip_due = False
            self._firmware.receive(other_program(), SLIP, now)

    def _let_out(self, slip: VirtualSlip) -> None:
        with self._slip_came:
            self._slip_came.notify_all()
        _tell(self.on_torn if slip.torn else self.on_slip, slip)

    def _close(self) -> None:
        self._lose_clients(reset=False)
        self._door.close()
        for link in (self._waker, self._wakened):
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

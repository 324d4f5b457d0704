"""The printer's program, without its plugs: what it does with received bytes, and when. One thread only."""

import logging
from collections.abc import Callable

from drivers.virtual.client import Client
from drivers.virtual.commands import Command
from drivers.virtual.dialect import Dialect
from drivers.virtual.engine import PrintEngine
from drivers.virtual.faults import (
    MOMENTARY,
    OF_THE_WIRE,
    Fault,
    Plan,
    auto_status,
    auto_status_items,
    is_offline,
    paper_sensor,
    real_time_status,
    stops_printing,
)
from drivers.virtual.receive_buffer import ReceiveBuffer
from drivers.virtual.replies import (
    CLEARED,
    POWERED_OFF,
    Identity,
    Offline,
    identity_reply,
    offline_reply,
    process_id_reply,
)
from drivers.virtual.slip import VirtualSlip

log = logging.getLogger(__name__)

_MOST = 65536
_SLICE_S = 0.05
_QUESTIONS = ("GS r", "GS a", "GS I", "GS (")


class Firmware:
    """`on_fault` hears each fault as it begins, None as it ends; `on_slip` each slip as it is cut or torn off;
    `on_first_byte` that the first byte of a client's slip came. `slow` is in bytes a second."""

    def __init__(
        self,
        engine: PrintEngine,
        buffer: ReceiveBuffer,
        dialect: Dialect,
        identity: Identity,
        *,
        slow: float,
        deaf_when_open: bool,
        on_fault: Callable[[Fault | None], None],
        on_slip: Callable[[VirtualSlip], None],
        on_first_byte: Callable[[float], None],
    ) -> None:
        self.dialect = dialect
        self.mute = False
        self.clients: list[Client] = []
        self.fault: Fault | None = None
        self.bytes_received = 0
        self._engine, self._buffer, self._identity = engine, buffer, identity
        self._slow, self._deaf_when_open = slow, deaf_when_open
        self._on_fault, self._on_slip, self._on_first_byte = on_fault, on_slip, on_first_byte
        self._plan: Plan | None = None
        self._fault_ends_at: float | None = None
        self._read_again_at = 0.0
        self._stands_by = False
        self._obeys = {1: True, 2: False}
        """Which functions of DLE DC4 are carried out: as GS ( D sets it, and at first (TM-T81, GS ( D)."""

    # faults

    def plan(self, plan: Plan) -> None:
        self._plan = plan

    def begin(self, fault: Fault | None, ends_at: float | None = None) -> None:
        """None: in order again, whatever it was."""
        log.info("virtual printer: %s", fault or "in order")
        if fault not in MOMENTARY:
            before, self.fault, self._fault_ends_at = self.fault, fault, ends_at
            if fault == "power_loss":
                self._clear_buffers()
                torn = self._engine.mechanism.lose_power()
                if torn:
                    self._on_slip(torn)
            self._stands_by = self._stands_by and fault not in (None, "power_loss")
            self._tell_status(before)
        self._on_fault(fault)

    def forget_plan(self) -> None:
        self._plan = None

    def next_moment(self, now: float) -> float | None:
        """When there is something to do though nothing arrives; None: never."""
        moments = []
        if self._fault_ends_at is not None:
            moments.append(self._fault_ends_at)
        if self._buffer and not stops_printing(self.fault):
            moments.append(self._engine.free_at)
        if self.fault == "slow_drain" and self._read_again_at > now:
            moments.append(self._read_again_at)
        return min(moments, default=None)

    def pass_time(self, now: float) -> None:
        if self._fault_ends_at is not None and now >= self._fault_ends_at:
            self.begin(None)

    def _tell_status(self, before: Fault | None) -> None:
        changed = auto_status_items(before, self.fault)
        went_offline = self.fault if is_offline(self.fault) and not is_offline(before) else None
        for client in self.clients:
            if client.auto_status & changed:
                self._answer(client, auto_status(self.fault))
            if went_offline:
                self._answer(client, offline_reply(client.offline, went_offline))

    # receiving

    def allowance(self, client: Client, now: float) -> int:
        """How many of its bytes may be read now."""
        if self._stands_by or self.fault in ("never_reads", "power_loss"):
            return 0
        if self.fault == "cover_open" and self._deaf_when_open:
            return 0
        most = self._until_planned()
        if self.fault == "slow_drain":
            most = 0 if now < self._read_again_at else max(1, int(self._slow * _SLICE_S))
        room = self._buffer.room_for(client)
        return most if room is None else min(most, room)

    def _until_planned(self) -> int:
        """A fault of the wire begins at its very byte: no more is read before."""
        if self._plan is None or self._plan.fault not in OF_THE_WIRE or self._plan.at_byte is None:
            return _MOST
        return max(1, self._plan.at_byte - self.bytes_received)

    def receive(self, client: Client, data: bytes, now: float) -> None:
        if self.fault == "slow_drain":
            self._read_again_at = now + _SLICE_S
        if self.fault == "discards":
            client.discarded = True
            return
        client.arrived = now
        for part, real_time in client.real_time.split(data):
            self._store(client, part)
            if real_time:
                self._obey_at_once(client, real_time)
        plan = self._plan
        if plan and plan.fault in OF_THE_WIRE and plan.at_byte is not None and self.bytes_received >= plan.at_byte:
            self.work(now)
            self._carry_out(plan, now)

    def _store(self, client: Client, data: bytes) -> None:
        self.bytes_received += len(data) + client.tokenizer.unfinished_real_time
        for command in client.tokenizer.feed(data):
            if command.is_real_time:
                self.bytes_received -= command.size
            elif command.name == "GS r" and self.dialect.eager:
                self._answer_in_order(client, command)
            else:
                self._note_first_byte(client, command)
                self._buffer.put(client, command)
        self.bytes_received -= client.tokenizer.unfinished_real_time

    def _note_first_byte(self, client: Client, command: Command) -> None:
        """Of each slip: it ends with a question that is answered in its turn."""
        if command.name == "GS r":
            client.first_byte_seen = False
        elif not client.first_byte_seen and command.name not in _QUESTIONS:
            client.first_byte_seen = True
            self._on_first_byte(client.arrived)

    def _obey_at_once(self, client: Client, command: bytes) -> None:
        match command[1], command[2]:
            case 0x04, n if self.dialect.real_time:
                self._answer(client, bytes((real_time_status(self.fault, n),)))
            case 0x05, n:
                self._recover(clear=n == 2)
            case 0x14, 1 if self._obeys[1]:
                self._engine.mechanism.drawer_kicks += 1
            case 0x14, 2 if self._obeys[2]:
                self._clear_buffers()
                self._stands_by = True
                self._answer(client, POWERED_OFF)
            case 0x14, 8:
                self._clear_buffers()
                self._recover(clear=True)
                self._answer(client, CLEARED)

    def _recover(self, *, clear: bool) -> None:
        """DLE ENQ: only from an error whose cause is gone; 1 goes on printing, 2 clears both buffers first."""
        if self.fault == "cutter_freed":
            if clear:
                self._clear_buffers()
            self.begin(None)

    def _clear_buffers(self) -> None:
        """A command that has not come whole is given up, too (DLE DC4 8)."""
        for client in self.clients:
            client.tokenizer.forget()
        self._buffer.clear()
        self._engine.mechanism.clear_print_buffer()

    # printing

    def work(self, now: float) -> None:
        """Prints what waits, as far as nothing stops it and the paper is quick enough."""
        while self._buffer and not stops_printing(self.fault) and self._engine.is_free(now):
            plan = self._plan if self._plan and self._plan.fault not in OF_THE_WIRE else None
            most = None if plan is None or plan.at_byte is None else plan.at_byte - self._engine.bytes_printed
            taken = self._buffer.take(most)
            if taken:
                self._execute(*taken, now)
            if plan and (taken is None or self._is_due(plan)):
                self._carry_out(plan, now)

    def _is_due(self, plan: Plan) -> bool:
        by_line = plan.at_line is not None and self._engine.mechanism.lines_printed >= plan.at_line
        return by_line or (plan.at_byte is not None and self._engine.bytes_printed >= plan.at_byte)

    def _carry_out(self, plan: Plan, now: float) -> None:
        self._plan = None
        self.begin(plan.fault, None if plan.lasts_s is None else now + plan.lasts_s)

    def _execute(self, client: Client, command: Command, now: float) -> None:
        self._engine.execute(command, now)
        match command.name:
            case "GS r":
                self._answer_in_order(client, command)
            case "GS a" if self.dialect.auto_status:
                client.auto_status = command.data[0]
                if client.auto_status:
                    self._answer(client, auto_status(self.fault))
            case "ESC @":
                client.auto_status = 0
            case "GS I" if self.dialect.identity:
                self._answer(client, identity_reply(self._identity, command.data[0]))
            case "GS (":
                self._answer_request(client, command.data[0:1], command.data[3:])
            case "GS V":
                self._on_slip(self._engine.mechanism.slips[-1])

    def _answer_in_order(self, client: Client, command: Command) -> None:
        if self.dialect.in_order and command.data[0] % 48 in (1, 2):
            self._answer(client, bytes((paper_sensor(self.fault) if command.data[0] % 48 == 1 else 0,)))

    def _answer_request(self, client: Client, family: bytes, function: bytes) -> None:
        """GS ( H: 48 returns an id once all before it is printed, 49 asks to be told when printing stops; GS ( D
        allows and forbids DLE DC4."""
        if family == b"D" and function[:1] == b"\x14":
            for a, b in zip(function[1::2], function[2::2], strict=False):
                self._obeys[a] = bool(b % 48)
        elif family != b"H" or not self.dialect.process_id:
            return
        elif function[:2] == b"00" and len(function) == 6:
            self._answer(client, process_id_reply(function[2:]))
        elif function[:2] == b"10" and len(function) == 3 and function[2] % 48 < 3:
            client.offline = Offline(function[2] % 48)

    def _answer(self, client: Client, data: bytes) -> None:
        if data and not self.mute and self.fault != "mute":
            client.link.send(data)

"""Reads from a recording what the programs promised to others: from the bytes that left by their sockets, in order.
Whatever was told must be on the disk at the moment it was told, for the power may fail in the next.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msgspec

from domain.protocol import Cursor
from tests.power.records import Op, Record

_TAIL = 2000
"""Bytes of a connection that are looked at again with what follows them."""
_ORDER = re.compile(rb'"hub_order_id":"([^"]+)"')
_EVENT = re.compile(rb'\{"log":"([^"]+)","seq":(\d+),"kind"')
_AT = re.compile(rb'\{"log":"([^"]+)","log_id":"([0-9a-f]+)","seq":(\d+)')
_OUTCOME = re.compile(rb'\{"key":"([0-9a-f-]{36})","state":"done"')
_OPERATION = re.compile(rb'\{"key":"([0-9a-f-]{36})","number":(\d+),"kind"')
_AFTER = re.compile(rb"after=([^ &]+)")
_VERDICT = re.compile(rb"event: verdict\ndata: ([^\n]+)\n")
_SALE = re.compile(rb'"sale_id":"([^"]+)"')
_PAPER = re.compile(rb"\x1b@(?s:.){0,4000}?(YO[0-9A-Z]{12})")
"""A slip on its way to the printer, by its order's code."""
_BACKUP = re.compile(rb'"path":"(backups/[^"]+)"')
_KEY = re.compile(rb'"public_key":"([A-Za-z0-9+/=]+)"')


@dataclass(slots=True)
class Promised:
    """Everything that was told so far. `logs`: by log and log id the highest event number, for an agent the last that
    it said it applied, for the hub the last that it told. `operations`: keys by number. `scans`: what was told of a
    verdict, by the scan's number."""

    orders: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)
    logs: dict[tuple[str, str], int] = field(default_factory=dict)
    operations: dict[int, str] = field(default_factory=dict)
    scans: dict[int, tuple[str, str]] = field(default_factory=dict)
    sales: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    backups: set[str] = field(default_factory=set)
    papers: set[str] = field(default_factory=set)
    """Codes of the orders whose slips a printer was sent."""

    @property
    def count(self) -> int:
        return sum(len(getattr(self, name)) for name in self.__slots__)


class Listener:
    """Hears one program's recording in its order."""

    def __init__(self) -> None:
        self.promised = Promised()
        self._tails: defaultdict[tuple[int, int], bytes] = defaultdict(bytes)
        self._incarnations: dict[str, str] = {}

    def hear(self, record: Record) -> None:
        if record.op is not Op.SAID:
            return
        connection = record.pid, record.fd
        said = self._tails[connection] + record.data
        self._tails[connection] = said[-_TAIL:]
        self._of_hub(said)
        self._of_agent(said)

    def _of_hub(self, said: bytes) -> None:
        self.promised.orders |= _texts(_ORDER, said)
        self.promised.outcomes |= _texts(_OUTCOME, said)
        for log, log_id, seq in _AT.findall(said):
            self._incarnations[log.decode()] = log_id.decode()
            self._raise(log.decode(), log_id.decode(), int(seq))
        for log, seq in _EVENT.findall(said):
            if known := self._incarnations.get(log.decode()):
                self._raise(log.decode(), known, int(seq))

    def _of_agent(self, said: bytes) -> None:
        for key, number in _OPERATION.findall(said):
            self.promised.operations[int(number)] = key.decode()
        for after in _AFTER.findall(said):
            cursor = Cursor.parse(unquote(after.decode()))
            if cursor.log_id:
                self._raise(cursor.log, cursor.log_id, cursor.seq)
        for line in _VERDICT.findall(said):
            verdict: dict[str, Any] = msgspec.json.decode(line)
            if verdict["scan_id"] is not None:
                self.promised.scans[verdict["scan_id"]] = (verdict["code"], verdict["rule"])
        self.promised.sales |= _texts(_SALE, said)
        self.promised.keys |= _texts(_KEY, said)
        self.promised.backups |= _texts(_BACKUP, said)
        self.promised.papers |= _texts(_PAPER, said)

    def _raise(self, log: str, log_id: str, seq: int) -> None:
        self.promised.logs[log, log_id] = max(seq, self.promised.logs.get((log, log_id), 0))


def _texts(pattern: re.Pattern[bytes], said: bytes) -> set[str]:
    return {text.decode() for text in pattern.findall(said)}


def all_of(records: Iterable[Record]) -> Promised:
    listener = Listener()
    for record in records:
        listener.hear(record)
    return listener.promised

"""Senders that the checker must catch, on the same printers with the same faults, and python-escpos beside them.

- retrying: sends, waits a while for the answer to `GS r`, and sends again when it does not come.
- trusting: what the socket took is printed.
"""

import random
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from agent import slips
from agent.apply import apply_page
from agent.config import PrinterSettings
from agent.documents.rendering import rendered
from agent.files import WORK, WorkFile
from agent.transactions import Reading
from benchmarks.print_faults.checker import Findings, check
from benchmarks.print_faults.orders import Log
from benchmarks.print_faults.paper import Key, Papers
from benchmarks.print_faults.park import MAKES, Park
from benchmarks.print_faults.records import Record, Step
from drivers.printers.capability import Capabilities
from drivers.printers.document import Document, paper
from drivers.printers.escpos import encode

Sender = Callable[[str, int, bytes], bool]
"""Whether it takes a slip for printed."""

_ANSWER_S, _TRIES, _QUIET_S, _PACE_S = 0.7, 4, 2.0, 0.5
_IN_TURN = b"\x1dr\x01"


def retrying(host: str, port: int, data: bytes) -> bool:
    for _ in range(_TRIES):
        try:
            with socket.create_connection((host, port), timeout=_ANSWER_S) as link:
                link.sendall(data + _IN_TURN)
                if link.recv(1):
                    return True
        except OSError:
            continue
    return False


def trusting(host: str, port: int, data: bytes) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_ANSWER_S) as link:
            link.sendall(data)
    except OSError:
        return False
    return True


def caught(send: Sender, orders: int, seed: int) -> Findings:
    """What the checker says of this sender's slips."""
    log = Log(seed, orders, time.time_ns() // 1_000_000, plain=True)
    papers = Papers({key: says for wanted in log.orders for key, says in wanted.papers.items()})
    park = Park(papers, random.Random(seed), gap_s=0.3, in_slips=True)
    park.trouble()
    records = _sent(send, log, park)
    park.peace()
    _wait_for_paper(papers)
    histories = {name: printer.history for name, printer in park.printers.items()}
    struck = park.struck
    park.close()
    return check(
        records, papers.all(), histories=histories, proving=set(MAKES), struck=struck, kills=0,
        orders={wanted.shown_id for wanted in log.orders}, cancelled=set(),
    )  # fmt: skip


def _wait_for_paper(papers: Papers) -> None:
    """Until nothing has come out for a while."""
    before = -1
    while len(papers.all()) != before:
        before = len(papers.all())
        time.sleep(_QUIET_S)


def _sent(send: Sender, log: Log, park: Park) -> list[Record]:
    """Each printer has its sender, which takes the next slip when it is done with the last."""
    records: list[Record] = []
    waiting = iter(list(_slips(log)))
    lock = threading.Lock()

    def work(settings: PrinterSettings) -> None:
        printer = park.printers[settings.name]
        while True:
            with lock:
                key, jobs = next(waiting, (None, {}))
            if key is None:
                return
            time.sleep(_PACE_S)
            began = time.monotonic()
            is_printed = send(printer.host, printer.port, jobs[settings.paper])
            records.append(_record(key, settings.name, began, is_printed))

    senders = [threading.Thread(target=work, args=(settings,)) for settings in park.settings]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    return records


def _slips(log: Log) -> list[tuple[Key, dict[int, bytes]]]:
    """The product's own slips, as bytes for both widths of paper."""
    made = []
    with tempfile.TemporaryDirectory() as folder, WorkFile(Path(folder) / WORK, master_key=bytes(32)) as work:
        work.write(lambda tx: apply_page(tx, log.page(0, len(log.events))))
        for wanted in log.orders:
            document = work.read(partial(_document, wanted.order.order_id))
            jobs = {mm: encode(document, paper(mm, None), Capabilities()).data for mm in (58, 80)}
            made.append((Key(wanted.shown_id, "picking", 1, 0), jobs))
    return made


def _document(order_id: str, reading: Reading) -> Document:
    return rendered(reading, slips.of_order(reading, order_id)[0]).document


def _record(key: Key, printer: str, began: float, is_printed: bool) -> Record:
    state, evidence = ("printed", "B") if is_printed else ("unknown", None)
    now = time.monotonic()
    steps = (Step("sending", "", None, printer, began), Step(state, "", evidence, printer, now))
    return Record(key, state, "", evidence, printer, steps)

"""What can this printer do and prove? Asked without printing anything, when it is added or on somebody's wish.

A question that a clone does not know may put letters into its line: they are thrown away by the `ESC @` at the end.
"""

import os

from msgspec.structs import replace

from drivers.printers.base import Printer, Use
from drivers.printers.capability import Capabilities
from drivers.printers.line import Line
from drivers.printers.status import AutoStatus, BlockData, PaperSensor, Reply
from drivers.printers.witness import (
    ASK_IDENTITY,
    ASK_IN_ORDER,
    IDENTITY_HEADER,
    MODEL,
    PROCESS_ID,
    PROCESS_ID_HEADER,
    RETURN_ID,
    TELL_NO_STATUS,
    TELL_STATUS,
)

_ANSWER_S, _MUTE_ANSWER_S = 1.0, 0.3
_INITIALISE = b"\x1b@\x1c&"
_MAKER, _SERIAL = 66, 68


def probe(printer: Printer) -> Capabilities:
    """Also leaves the answer in `printer.capabilities`. What a blocked or busy printer cannot answer now stays as it
    was known. Raises PrinterUnreachable.
    """
    with printer.connect(Use.SHARED) as session:
        return session.probe()


class Probing:
    """On a printer that is clear; its answers to DLE EOT are known already."""

    def __init__(self, line: Line, known: Capabilities) -> None:
        self._line, self._known = line, known
        self._heard: list[Reply] = []
        line.tell(self._heard.append)

    def capabilities(self) -> Capabilities:
        tells, answers, eager = self._ask_in_order()
        if self._known.in_order and not answers:
            return self._known  # it prints for somebody else, and its turn to answer has not come
        maker, model, serial = (self._ask_identity(n) for n in (_MAKER, MODEL, _SERIAL))
        process_id = self._ask_process_id()
        self._line.write(_INITIALISE)
        known = replace(self._known, in_order=answers, process_id=process_id, auto_status=tells, eager=eager)
        return replace(known, maker=maker, model=model, serial=serial)

    def _ask_in_order(self) -> tuple[bool, bool, bool]:
        """Whether it tells its status, answers GS r, and gives that answer before its turn."""
        marks = TELL_STATUS + TELL_NO_STATUS + ASK_IDENTITY + bytes((MODEL,))
        self._ask(marks + ASK_IN_ORDER, AutoStatus, BlockData, PaperSensor)
        told, named, answered = (self._first(kind) for kind in (AutoStatus, BlockData, PaperSensor))
        marked = [mark for mark in (told, named) if mark is not None]
        eager = answered is not None and bool(marked) and answered < min(marked)
        return told is not None, answered is not None, eager

    def _ask_identity(self, n: int) -> str:
        self._ask(ASK_IDENTITY + bytes((n,)), BlockData)
        said = (reply.data for reply in self._blocks(IDENTITY_HEADER))
        return next(said, b"").decode("gbk", "replace").strip()

    def _ask_process_id(self) -> bool:
        own = bytes(0x30 + byte % 64 for byte in os.urandom(4))
        self._ask(RETURN_ID + own, BlockData)
        return any(reply.data == PROCESS_ID + own for reply in self._blocks(PROCESS_ID_HEADER))

    def _ask(self, question: bytes, *awaited: type[Reply]) -> None:
        """Until each awaited kind of reply has come, or for as long as a printer may take."""
        self._heard.clear()
        self._line.write(question)
        patience = _ANSWER_S if self._known.real_time else _MUTE_ANSWER_S
        self._line.listen_until(lambda: all(self._first(kind) is not None for kind in awaited), patience)

    def _first(self, kind: type[Reply]) -> int | None:
        return next((place for place, reply in enumerate(self._heard) if isinstance(reply, kind)), None)

    def _blocks(self, header: int) -> list[BlockData]:
        return [reply for reply in self._heard if isinstance(reply, BlockData) and reply.header == header]

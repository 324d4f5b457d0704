"""What a printer says about one slip: its id come back, or its turn come to answer.

After the slip stand up to three questions, which a printer answers in their turn: a mark (`GS a`, its status, or
`GS I`, its model), `GS ( H` (the slip's id) and `GS r`. An answer that comes before its turn proves nothing: clones
exist that answer as they receive, whatever becomes of the slip. It came in its turn when the mark before it came
first, or, from a printer that knows no mark, when the slip can have been printed by then. Of a printer nobody has
probed it must first be seen that no mark follows.
"""

import time

from drivers.printers.base import Job, Use
from drivers.printers.capability import Capabilities
from drivers.printers.patience import longest, shortest
from drivers.printers.status import AutoStatus, BlockData, PaperSensor, Reply

TELL_STATUS, TELL_NO_STATUS = b"\x1da\xff", b"\x1da\x00"
ASK_IN_ORDER = b"\x1dr\x01"
ASK_IDENTITY, IDENTITY_HEADER, MODEL = b"\x1dI", 0x5F, 67
RETURN_ID = b"\x1d(H\x06\x0000"
PROCESS_ID_HEADER, PROCESS_ID = 0x37, b"\x22"
_PAPER_END = 0x0C


class Witness:
    """`owed` answers to `GS r` are still to come for earlier slips of the same connection."""

    def __init__(self, job: Job, known: Capabilities, use: Use, owed: int) -> None:
        self._job, self._known, self._use, self._ahead = job, known, use, owed
        self._began = time.monotonic()
        self._asks_status = known.may_tell_status
        names_itself = bool(known.model) if known.in_order is not None else known.real_time is True
        self._asks_model = names_itself and known.auto_status is not True
        self.asks_id = bool(job.id) and known.process_id is True
        self.told_status = False
        self._marked = False
        self.returned = False
        """The slip's own id came back, in its turn."""
        self.answered_at: float | None = None
        """When `GS r` was answered, in its turn or not."""
        self._marked_first = self._answer_stands = False
        self.paper_end = False

    @property
    def questions(self) -> bytes:
        """To follow the slip in one buffer. `GS r` stands last: its answer is the last to come."""
        return self._mark + (RETURN_ID + self._job.id if self.asks_id else b"") + ASK_IN_ORDER

    @property
    def _mark(self) -> bytes:
        status = TELL_STATUS if self._use is Use.OURS else TELL_STATUS + TELL_NO_STATUS
        model = ASK_IDENTITY + bytes((MODEL,))
        return (status if self._asks_status else b"") + (model if self._asks_model else b"")

    @property
    def answered(self) -> bool:
        return self.answered_at is not None

    @property
    def in_turn(self) -> bool:
        return self._answer_stands and (self._marked_first or self._no_mark_follows())

    @property
    def answers_no_status(self) -> bool:
        """It was asked to tell its status, and went past it."""
        return self._asks_status and self.in_turn and not self.told_status

    def hear(self, reply: Reply) -> None:
        match reply:
            case PaperSensor() if self._ahead:
                self._ahead -= 1
            case _ if self._ahead:
                pass  # what stood before an earlier slip's GS r
            case AutoStatus() if self._asks_status:
                self.told_status = self._marked = True
            case BlockData(header) if header == IDENTITY_HEADER:
                self._marked = self._marked or self._asks_model
            case BlockData(header, data) if header == PROCESS_ID_HEADER and data == PROCESS_ID + self._job.id:
                self.returned = self.returned or (self.asks_id and self._is_in_turn())
            case PaperSensor(bits) if not self.answered:
                self.answered_at = time.monotonic()
                self._marked_first, self._answer_stands = self._marked, self._is_in_turn()
                self.paper_end = bool(bits & _PAPER_END)

    def _is_in_turn(self) -> bool:
        if self._marked:
            return True
        if self._known.auto_status is True or self._known.model or self._known.eager:
            return False
        return time.monotonic() - self._began >= shortest(self._job)

    def _no_mark_follows(self) -> bool:
        """By the time that the slowest printer has printed the slip."""
        if self._marked:
            return False
        asked = self._asks_status or self._asks_model
        return not asked or time.monotonic() - self._began > longest(self._job)

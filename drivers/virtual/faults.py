"""What ails the virtual printer, and what its status then says (Epson's tables, facts/devices.md §3.2)."""

from dataclasses import dataclass
from typing import Literal, get_args

Fault = Literal[
    "paper_out",
    "paper_near_end",
    "cover_open",
    "offline",
    "cutter",
    "cutter_freed",
    "head_hot",
    "stalled",
    "power_loss",
    "mute",
    "discards",
    "never_reads",
    "slow_drain",
    "taken",
    "reset",
    "close",
]
"""`cutter_freed`: the paper is out of the knife, the error waits for DLE ENQ. `stalled`: nothing is printed though all
is well, and it comes out late. `taken`: another program holds the printer and prints a slip of its own. `reset` and
`close` are over at once; the others last until they are cleared."""

FAULTS: tuple[Fault, ...] = get_args(Fault)
MOMENTARY: frozenset[Fault] = frozenset(("reset", "close"))
OF_THE_WIRE: frozenset[Fault] = frozenset(
    ("mute", "discards", "never_reads", "slow_drain", "taken", "reset", "close"),
)
"""They begin at a byte received; the others at a byte printed."""
_STOPPING: frozenset[Fault] = frozenset(
    ("paper_out", "cover_open", "offline", "cutter", "cutter_freed", "head_hot", "stalled", "power_loss"),
)

_NORMAL = 0x12
_REAL_TIME: dict[Fault, dict[int, int]] = {
    "paper_out": {1: 0x08, 2: 0x20, 4: 0x6C},
    "cover_open": {1: 0x08, 2: 0x04},
    "offline": {1: 0x08},
    "cutter": {1: 0x08, 2: 0x40, 3: 0x08},
    "cutter_freed": {1: 0x08, 2: 0x40, 3: 0x08},
    "head_hot": {1: 0x08, 2: 0x40, 3: 0x40},
    "paper_near_end": {4: 0x0C},
}
_AUTO: dict[Fault, tuple[int, int, int]] = {
    "paper_out": (0x08, 0, 0x0F),
    "cover_open": (0x28, 0, 0),
    "offline": (0x08, 0, 0),
    "cutter": (0x08, 0x08, 0),
    "cutter_freed": (0x08, 0x08, 0),
    "head_hot": (0x08, 0x40, 0),
    "paper_near_end": (0, 0, 0x03),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A fault to come: at a byte, or after a line, counted since the printer was switched on."""

    fault: Fault
    lasts_s: float | None
    at_byte: int | None = None
    at_line: int | None = None


def stops_printing(fault: Fault | None) -> bool:
    return fault in _STOPPING


def is_offline(fault: Fault | None) -> bool:
    """Its status says so."""
    return bool(real_time_status(fault, 1) & 0x08)


def real_time_status(fault: Fault | None, n: int) -> int:
    """The answer to DLE EOT n."""
    return _NORMAL | (_REAL_TIME.get(fault, {}).get(n, 0) if fault else 0)


def auto_status(fault: Fault | None) -> bytes:
    """The four bytes of Automatic Status Back."""
    first, second, third = _AUTO.get(fault, (0, 0, 0)) if fault else (0, 0, 0)
    return bytes((0x10 | first, second, third, 0))


def auto_status_items(before: Fault | None, after: Fault | None) -> int:
    """Which of the items that GS a chooses have changed: 2 online, 4 error, 8 paper."""
    old, new = auto_status(before), auto_status(after)
    return sum(item for item, i in ((2, 0), (4, 1), (8, 2)) if old[i] != new[i])


def paper_sensor(fault: Fault | None) -> int:
    """The answer to GS r 1."""
    return {"paper_out": 0x0F, "paper_near_end": 0x03}.get(fault or "", 0)

"""Which questions a model answers. The cheaper the printer, the fewer (facts/devices.md §0.4, §3.2)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    real_time: bool = True
    """DLE EOT."""
    in_order: bool = True
    """GS r."""
    process_id: bool = True
    """GS ( H."""
    identity: bool = True
    """GS I."""
    auto_status: bool = True
    """GS a."""
    eager: bool = False
    """GS r is answered on receipt, out of its turn: nothing is proven by it."""


FULL = Dialect()
NO_PROCESS_ID = Dialect(process_id=False)
REAL_TIME_ONLY = Dialect(in_order=False, process_id=False, identity=False, auto_status=False)
IN_ORDER_ONLY = Dialect(real_time=False, process_id=False, identity=False, auto_status=False)
MUTE = Dialect(real_time=False, in_order=False, process_id=False, identity=False, auto_status=False)
EAGER = Dialect(process_id=False, auto_status=False, eager=True)

DIALECTS = {
    "full": FULL,
    "no-process-id": NO_PROCESS_ID,
    "real-time-only": REAL_TIME_ONLY,
    "in-order-only": IN_ORDER_ONLY,
    "mute": MUTE,
    "eager": EAGER,
}

"""`printer test`: what becomes of the slip, told as it happens, and the exit code that says it."""

import time

from agent.local_client import LocalClient
from agent.printing.listing import SlipNow
from agent.printing.spoken import hint_for, state
from domain.slips import Evidence, SlipState

SENT, NOT_PRINTED, UNKNOWN = 3, 4, 5
_LOOK_S = 0.3


def followed(agent: LocalClient, slip_id: str, until: float) -> int:
    last = ""
    while True:
        slip = _slip(agent, slip_id).slip
        match slip.state:
            case SlipState.PRINTED:
                return _printed(slip.evidence)
            case SlipState.UNKNOWN:
                print(f"unknown whether it came out ({slip.cause}): look at the printer")
                return UNKNOWN
            case SlipState.WITHDRAWN:
                print(f"not printed: {slip.cause}")
                return NOT_PRINTED
            case SlipState.HELD | SlipState.NOT_PRINTED if slip.cause != last:
                last = slip.cause
                print(f"waiting: the printer is {state('blocked', last)}. {hint_for(last)}".rstrip(), flush=True)
        if time.monotonic() > until:
            print("not printed yet; it will be if the printer is well again within two minutes of the wish")
            return NOT_PRINTED
        time.sleep(_LOOK_S)


def _printed(evidence: Evidence | None) -> int:
    if evidence is Evidence.BYTES_ACCEPTED:
        print("sent: this printer cannot confirm what it prints, so look at it (evidence C)")
        return SENT
    print(f"printed: the printer itself confirmed it (evidence {evidence})")
    return 0


def _slip(agent: LocalClient, slip_id: str) -> SlipNow:
    slips = agent.get("/api/slips?limit=200", tuple[SlipNow, ...])
    return next(now for now in slips if now.slip.slip_id == slip_id)

"""What intake is given, and what it answers."""

from enum import StrEnum

import msgspec

from cloud.channels.base import Push, Understood
from domain.times import Millis


class PushState(StrEnum):
    """What became of a push; the column `pushes.state`."""

    UNDERSTOOD = "understood"
    REPEATED = "repeated"
    """It came before and says the same: no effect, no second row."""
    WAITING = "waiting"
    """It is about an order that has not come yet; applied right after that one."""
    NEEDS_PERSON = "needs_person"
    SETTLED = "settled"
    """A person looked."""


class Received(msgspec.Struct, frozen=True):
    """One push whose signature was right. `understood` is None where it makes no sense to us; `problem` says why."""

    push: Push
    understood: Understood | None
    problem: str
    received_at: Millis


class Accepted(msgspec.Struct, frozen=True):
    """`problem` is for the hub's page and log; in every state the platform is told that its push is safe."""

    state: PushState
    order_id: str | None = None
    problem: str = ""

"""What a person or a test may change while the simulator runs: faults, and every choice the sources leave open."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

Encoding = Literal["twice", "once"]
Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86400)]


class Switches(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Counters (`throttle`, `fail`, `drop`, `picture_fails`) run down to zero by themselves."""

    throttle: Count = 0
    """Answer the next n calls with 711."""
    fail: Count = 0
    """Fail the next n calls in the manner of `fail_as`."""
    fail_as: Literal["500", "hang"] = "500"
    """`hang` says nothing for `hang_seconds` and then answers 500."""
    hang_seconds: Seconds = 30.0
    answer_delay_seconds: Seconds = 0.0
    """Every call is answered this late."""
    drop: Count = 0
    """The next n pushes are lost on the way: recorded, never sent."""
    picture_late_seconds: Seconds = 0.0
    """So long after its order a prescription has no picture yet."""
    picture_fails: Count = 0
    """The next n fetches of a picture are answered with 503."""
    encoding: Encoding = "twice"
    """How often form values are URL-encoded. Twice is what one capture and one production code base show."""
    omit: tuple[str, ...] = ()
    """Order fields the merchant has not subscribed to (facts/channels.md §1.7)."""
    auto_accept: bool = False
    """The platform accepts orders by itself (config `auto_accept` is its first value)."""
    auto_rider: bool = False
    """After picking, a rider is assigned, arrives, picks up and delivers by himself, and the order completes."""
    rider_step_seconds: Seconds = 20.0
    retry_delays: tuple[Seconds, ...] = (5.0, 15.0, 60.0)
    """ASSUMPTION: no source knows Meituan's retry schedule or its timeout (facts/channels.md §1.3)."""
    answer_timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 5.0
    """ASSUMPTION, as above."""

    def changed(self, given: Mapping[str, object]) -> "Switches":
        """A copy with what was given; an unknown name or a bad value raises `msgspec.ValidationError`."""
        return msgspec.convert(msgspec.to_builtins(self) | dict(given), type=Switches)

    def take(self, name: Literal["throttle", "fail", "drop", "picture_fails"]) -> bool:
        """Use up one of a counter, if any is left."""
        left: int = getattr(self, name)
        setattr(self, name, max(left - 1, 0))
        return left > 0

"""The product's patience, shortened so that a life of two seconds meets what a real one meets in an hour. Nothing else
of the programs is changed: what they do when patience ends is the product's own."""

from functools import partial
from typing import Any

import httpx

import agent.service
import cloud.edge.stream
from agent.patience import Patience

PATIENCE = Patience(
    first_start=0.05, retry=0.2, longest_retry=1.0, first_frame=1.0, silence=3.0, steady=5.0, poll=1.0, probe=2.0,
    stranger=1.0,
)  # fmt: skip
HEARTBEAT_S, ANSWER_S = 0.7, 2.0


class _Short(httpx.Timeout):
    """The agent's hub client asks for its timeouts one by one; none is longer than this here."""

    def __init__(self, timeout: float, **single: Any) -> None:
        super().__init__(min(timeout, ANSWER_S), **{name: min(value, ANSWER_S) for name, value in single.items()})


def hurry() -> None:
    swap(agent.service, "serve", partial(agent.service.serve, patience=PATIENCE))
    swap(httpx, "Timeout", _Short)
    swap(cloud.edge.stream, "HEARTBEAT_SECONDS", HEARTBEAT_S)


def swap(place: object, name: str, new: object) -> None:
    """Raises AttributeError where the product has no such thing any more: a seam that is gone must not pass unseen."""
    getattr(place, name)
    setattr(place, name, new)

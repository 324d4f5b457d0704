"""Dying at a step, as if killed at that moment; and what was taken all the same."""

from collections.abc import Callable

from agent.transactions import Reading


class Killed(BaseException):
    """kill -9: nothing behind it runs."""


def dying(real: Callable[..., object], *, after: bool) -> Callable[..., object]:
    def step(*given: object, **named: object) -> object:
        if after:
            real(*given, **named)
        raise Killed

    return step


def all_sales(reading: Reading) -> list[object]:
    return list(reading.db.execute("SELECT 1 FROM erp_feeds WHERE kind = 'sale'"))

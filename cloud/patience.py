"""How long to wait before the same is tried again: full jitter, doubling, never sooner than the other side asked."""

import random

from cloud.transaction import Transaction
from domain.times import SECOND, Millis


def wait(tx: Transaction, attempts: int, first: Millis, longest: Millis, retry_after: float | None) -> Millis:
    """After so many attempts; `retry_after` in seconds."""
    most = min(first * 2 ** min(attempts, 20), longest)
    drawn = random.Random(tx.randomness(8)).randint(first // 4, most)
    return max(drawn, int((retry_after or 0) * SECOND))

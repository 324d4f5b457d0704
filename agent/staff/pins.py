"""argon2id, in a thread of its own: one PIN at a time, so that memory stays small, and the event loop goes on."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from domain.proofs import PIN_LANES, PIN_MEMORY_KIB, PIN_TIME

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_thread = ThreadPoolExecutor(1, thread_name_prefix="pins")


async def hashed(pin: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_thread, _hash, pin)


async def matches(pin: str, kept: str) -> bool:
    """False, as slowly, where no hash is kept."""
    return await asyncio.get_running_loop().run_in_executor(_thread, _matches, pin, kept)


def _hash(pin: str) -> str:
    return _hasher().hash(pin)


@cache
def _hasher() -> "PasswordHasher":
    """Loaded with the first PIN."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PIN_TIME, memory_cost=PIN_MEMORY_KIB, parallelism=PIN_LANES)


@cache
def _nobodys() -> str:
    """Looked at for whoever has no PIN, so that the answer takes as long."""
    return _hasher().hash("")


def _matches(pin: str, kept: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHash

    try:
        _hasher().verify(kept or _nobodys(), pin)
    except (Argon2Error, InvalidHash):
        return False
    return bool(kept)

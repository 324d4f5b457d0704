"""argon2id, in a thread of its own: the event loop goes on, and a crowd of sign-ins needs the memory of one."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_FORM = re.compile(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}", re.ASCII)
_thread = ThreadPoolExecutor(1, thread_name_prefix="pins")


def is_ours(kept: str) -> bool:
    """Made with these costs: another's could ask for any amount of memory."""
    return _FORM.fullmatch(kept) is not None


def hashed(pin: str) -> str:
    """Takes some 40 ms."""
    return _hasher().hash(pin)


async def hash_aside(pin: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_thread, hashed, pin)


async def matches(pin: str, kept: str) -> bool:
    """False, as slowly, where no hash is kept."""
    return await asyncio.get_running_loop().run_in_executor(_thread, _matches, pin, kept)


@cache
def _hasher() -> "PasswordHasher":
    """As in the stores: the hash of a PIN serves at both ends. Loaded with the first one."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


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

"""One demo per data folder: two would print every slip twice. The lock ends with its process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another demo has this folder."""


@contextmanager
def sole(data: Path) -> Iterator[None]:
    """Raises AlreadyRunning with the sentence the user reads."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"another demo runs on {data}: stop it, or choose another folder with --data"
            ) from error
        yield

"""A program for the recorder's own test: changes files by every call of libc by which Python and SQLite might, each
through its own symbol. `python -m tests.power.every_call FOLDER LOG`."""

import ctypes
import fcntl
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.power import shim

_libc = ctypes.CDLL(None, use_errno=True)
_TEXT = b"0123456789" * 60
_AT_FDCWD, _AT_REMOVEDIR = -100, 0x200
_PERMISSIONS = 0o600
_WRITING = os.O_RDWR | os.O_CREAT


class _Part(ctypes.Structure):
    _fields_ = (("base", ctypes.c_char_p), ("length", ctypes.c_size_t))


def _call(name: str, *arguments: object) -> int:
    done = int(getattr(_libc, name)(*arguments))
    if done < 0:
        raise OSError(ctypes.get_errno(), name)
    return done


def _long(number: int) -> ctypes.c_long:
    return ctypes.c_long(number)


def _parts(*texts: bytes) -> ctypes.Array[_Part]:
    return (_Part * len(texts))(*[_Part(text, len(text)) for text in texts])


def _openings(folder: Path) -> None:
    for name in ("open", "open64"):
        _written(_call(name, str(folder / name).encode(), _WRITING, _PERMISSIONS))
    for name in ("openat", "openat64"):
        _written(_call(name, _AT_FDCWD, str(folder / name).encode(), _WRITING, _PERMISSIONS))
        at = os.open(folder, os.O_RDONLY)
        _written(_call(name, at, f"{name} in a folder".encode(), _WRITING, _PERMISSIONS))
        os.close(at)
    for name in ("creat", "creat64"):
        _written(_call(name, str(folder / name).encode(), _PERMISSIONS))
    for name in ("__open_2", "__open64_2"):
        _written(_call(name, str(folder / "open").encode(), os.O_WRONLY | os.O_TRUNC))
    os.chdir(folder)
    Path("relative").write_bytes(_TEXT)


def _written(fd: int) -> None:
    _call("write", fd, _TEXT, len(_TEXT))
    _call("fsync", fd)
    _call("close", fd)


def _writings(folder: Path) -> None:
    fd = os.open(folder / "written", _WRITING)
    for place, name in enumerate(("pwrite", "pwrite64"), 1):
        _call(name, fd, _TEXT, len(_TEXT), _long(1000 * place))
    for place, name in enumerate(("pwritev", "pwritev64"), 5):
        _call(name, fd, _parts(b"one", b"two"), 2, _long(1000 * place))
    for place, name in enumerate(("pwritev2", "pwritev64v2"), 8):
        _call(name, fd, _parts(b"three", b"four"), 2, _long(1000 * place), 0)
    _call("writev", fd, _parts(b"five", b"six", b""), 3)
    copies = (
        _call("dup", fd),
        _call("dup2", fd, 70),
        _call("dup3", fd, 71, 0),
        fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 80),
    )
    for copy in copies:
        os.write(copy, b"by a copy")
        os.close(copy)
    _call("fdatasync", fd)
    os.close(fd)
    with (folder / "appended").open("ab", buffering=0) as file:
        file.write(_TEXT)
        file.write(_TEXT)


def _sizes(folder: Path) -> None:
    for name in ("truncate", "truncate64"):
        (folder / name).write_bytes(_TEXT)
        _call(name, str(folder / name).encode(), _long(77))
    for name in ("ftruncate", "ftruncate64"):
        with (folder / name).open("wb", buffering=0) as file:
            file.write(_TEXT)
            _call(name, file.fileno(), _long(900))
    for name in ("posix_fallocate", "posix_fallocate64"):
        with (folder / name).open("wb", buffering=0) as file:
            _call(name, file.fileno(), _long(100), _long(1000))
    for name in ("fallocate", "fallocate64"):
        with (folder / name).open("wb", buffering=0) as file:
            _call(name, file.fileno(), 0, _long(0), _long(2000))


def _names(folder: Path) -> None:
    def made(name: str) -> bytes:
        (folder / name).write_bytes(name.encode())
        return str(folder / name).encode()

    (folder / "target").write_bytes(b"overwritten")
    _call("rename", made("for rename"), str(folder / "target").encode())
    _call("renameat", _AT_FDCWD, made("for renameat"), _AT_FDCWD, str(folder / "renamed").encode())
    _call("renameat2", _AT_FDCWD, made("for renameat2"), _AT_FDCWD, str(folder / "renamed again").encode(), 0)
    _call("unlink", made("for unlink"))
    _call("unlinkat", _AT_FDCWD, made("for unlinkat"), 0)
    _call("remove", made("for remove"))
    _call("link", made("for link"), str(folder / "linked").encode())
    _call("linkat", _AT_FDCWD, made("for linkat"), _AT_FDCWD, str(folder / "linked too").encode(), 0)
    (folder / "linked").open("ab").write(b"and more")
    for name in ("a", "b", "c"):
        _call("mkdir", str(folder / name).encode(), 0o700)
    _call("mkdirat", _AT_FDCWD, str(folder / "a" / "d").encode(), 0o700)
    (folder / "a" / "d" / "file").write_bytes(_TEXT)
    _call("rmdir", str(folder / "b").encode())
    _call("unlinkat", _AT_FDCWD, str(folder / "c").encode(), _AT_REMOVEDIR)


def _copies(folder: Path) -> None:
    """Declined: who asks falls back to writing, as shutil does."""
    (folder / "source").write_bytes(_TEXT)
    with (folder / "source").open("rb") as source, (folder / "copy").open("wb") as copy:
        asked: tuple[Callable[[], int], ...] = (
            lambda: os.sendfile(copy.fileno(), source.fileno(), 0, len(_TEXT)),
            lambda: os.copy_file_range(source.fileno(), copy.fileno(), len(_TEXT)),
        )
        for ask in asked:
            try:
                ask()
            except OSError:
                continue
            raise AssertionError("a copy inside the kernel went unseen")


def _databases(folder: Path) -> None:
    from agent.engine import sqlite3 as ours

    for engine, name in ((ours, "ours.db"), (sqlite3, "theirs.db")):
        for mode in ("WAL", "DELETE", "TRUNCATE"):
            with closing(engine.connect(folder / name, isolation_level=None)) as db:
                db.execute(f"PRAGMA journal_mode={mode}")
                db.execute(f"CREATE TABLE {mode}_ (number INTEGER PRIMARY KEY, text TEXT)")
                for number in range(30):
                    db.execute(f"INSERT INTO {mode}_ VALUES (?, ?)", (number, "x" * 300))


def _threads(folder: Path) -> None:
    def write(number: int) -> None:
        with (folder / f"of thread {number}").open("wb", buffering=0) as file:
            for _ in range(200):
                file.write(_TEXT)
            os.fsync(file.fileno())

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(folder: Path, log: Path) -> None:
    shim.record(folder, log)
    for part in (_openings, _writings, _sizes, _names, _copies, _databases, _threads):
        part(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

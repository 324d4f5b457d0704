"""Printers behind a device node: /dev/usb/lp0 (the system's own USB printer driver, both ways), /dev/lp0 (parallel), a
named pipe, or a plain file that collects slips.
"""

import errno
import os
import select
import stat
import time
from pathlib import Path

from drivers.printers.transports.one_way import OneWay
from drivers.printers.wire import Wire

_STALL_S = 30.0
_CHUNK = 8192
"""What usblp takes at once."""
_PAUSE_S = 0.02
_BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL
_CANNOT_READ = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EIO)
_SLIP_START = b"\x1b@"


def open_node(path: str) -> Wire | OneWay:
    """Never makes a file: where a printer is unplugged, its path is missing."""
    mode = Path(path).stat().st_mode
    if stat.S_ISCHR(mode):
        return _open_device(path)
    if stat.S_ISFIFO(mode):
        return OneWay(_NodeWire(os.open(path, os.O_WRONLY | os.O_NONBLOCK)))
    if stat.S_ISREG(mode):
        _check_slips_only(path)
        return OneWay(_NodeWire(os.open(path, os.O_WRONLY | os.O_APPEND)))
    raise OSError(errno.ENODEV, "neither a printer's device, a named pipe nor a file", path)


class _NodeWire:
    def __init__(self, node: int) -> None:
        self._node = node
        self._can_read = True

    def write(self, data: bytes) -> None:
        """However long all of it takes: TimeoutError is for a printer that takes nothing for `_STALL_S`."""
        left = memoryview(data)
        while left:
            if not self._wait(select.POLLOUT, _STALL_S):
                raise TimeoutError("the printer takes no data")
            try:
                left = left[os.write(self._node, left[:_CHUNK]) :]
            except BlockingIOError:  # the pipe has room, but not for so much
                time.sleep(_PAUSE_S)

    def read(self, timeout: float) -> bytes:
        if not self._can_read:
            time.sleep(timeout)
            return b""
        if not self._wait(select.POLLIN, timeout):
            return b""
        try:
            data = os.read(self._node, 1024)
        except BlockingIOError:
            data = b""
        except OSError as error:
            if error.errno not in _CANNOT_READ:
                raise
            self._can_read = False  # a parallel port without a way back
            data = b""
        if not data:
            self._rest(timeout)
        return data

    def fileno(self) -> int | None:
        return self._node if self._can_read else None

    def close(self) -> None:
        os.close(self._node)

    def _wait(self, events: int, timeout: float) -> bool:
        """Raises ENODEV where the device was unplugged, or nobody reads the pipe any more."""
        poll = select.poll()
        poll.register(self._node, events)
        happened = poll.poll(timeout * 1000)
        if happened and happened[0][1] & _BROKEN:
            raise OSError(errno.ENODEV, "the printer is gone")
        return bool(happened)

    def _rest(self, timeout: float) -> None:
        """Many USB printers send empty packets all the time: that is no reason to run hot."""
        if os.isatty(self._node):
            raise OSError(errno.ENODEV, "the line is gone")
        time.sleep(min(_PAUSE_S, timeout))


def _open_device(path: str) -> Wire | OneWay:
    """EBUSY: another program has it open, for usblp and lp admit one."""
    flags = os.O_NONBLOCK | os.O_NOCTTY
    try:
        return _NodeWire(os.open(path, os.O_RDWR | flags))
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EINVAL):
            raise
    return OneWay(_NodeWire(os.open(path, os.O_WRONLY | flags)))


def _check_slips_only(path: str) -> None:
    """A mistyped address must not append slips to a file that is something else, a database for one."""
    with Path(path).open("rb") as file:
        start = file.read(len(_SLIP_START))
    if start not in (b"", _SLIP_START):
        raise OSError(errno.EEXIST, "the file holds something other than slips", path)

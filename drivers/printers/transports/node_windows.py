"""Windows has no device nodes: USB and parallel printers are reached through their queue."""

import errno

from drivers.printers.wire import Wire


def open_node(path: str) -> Wire:
    raise OSError(errno.ENODEV, "device nodes are Linux's; use the printer's queue: spooler://QUEUE NAME", path)

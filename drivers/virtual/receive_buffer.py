"""What has been received and not printed yet, whoever sent it; it outlives the connection it came on."""

from collections import deque
from dataclasses import replace

from drivers.virtual.client import Client
from drivers.virtual.commands import Command


class ReceiveBuffer:
    """`size` in bytes; None: without end."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._waiting: deque[tuple[Client, Command]] = deque()
        self._used = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def room_for(self, client: Client) -> int | None:
        """Bytes that may be read from it; None: any number. A command longer than the buffer is let through in
        pieces once nothing waits before it, as a picture is printed while it still arrives."""
        if self._size is None:
            return None
        unfinished = client.tokenizer.unfinished
        if unfinished and not self._waiting:
            return self._size
        return max(0, self._size - self._used - unfinished)

    def put(self, client: Client, command: Command) -> None:
        self._waiting.append((client, command))
        self._used += command.size

    def take(self, most: int | None) -> tuple[Client, Command] | None:
        """The next command. With at most so many bytes: of a text the part that fits, None where a whole
        command does not."""
        client, command = self._waiting[0]
        if most is not None and command.size > most:
            if command.name != "TEXT" or most <= 0:
                return None
            rest = replace(command, data=command.data[most:], size=command.size - most)
            self._waiting[0] = (client, rest)
            self._used -= most
            return client, replace(command, data=command.data[:most], size=most)
        self._waiting.popleft()
        self._used -= command.size
        return client, command

    def clear(self) -> None:
        self._waiting.clear()
        self._used = 0

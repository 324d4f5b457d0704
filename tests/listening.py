"""Servers and clients in a test's own loop. A connection that outlives the loop is reported as leaked, in whichever
test comes next: these leave none. And listening in a thread of one's own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ssl import SSLContext

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@asynccontextmanager
async def listening(serve: Serve, *, ssl: SSLContext | None = None) -> AsyncIterator[int]:
    """Its port. A connection is closed when `serve` returns, and all that are left when the test is done."""
    tasks, writers = set[asyncio.Task[None]](), list[asyncio.StreamWriter]()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await serve(reader, writer)
        finally:
            writer.close()

    def admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        tasks.add(task := asyncio.create_task(one(reader, writer)))
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(admit, "127.0.0.1", 0, ssl=ssl)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        gone = asyncio.create_task(server.wait_closed())
        await asyncio.sleep(0)  # Python 3.11 tells only those of the last connection who waited before it closed
        server.close()
        for task in tasks:
            task.cancel()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await gone


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """What is still on its way when the test is done with it is lost."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


def close_listening(listener: socket.socket) -> None:
    """Whoever waits in its `accept`, in another thread, hears of it: on Linux by the shutdown, on Windows, where what
    only listens has nothing to shut down, by the close."""
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()

"""Heartbeats of quiet streams go straight to the connection, and what they need ends with it."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from cloud.connections import Connection, write_at_once
from cloud.edge import stream
from cloud.edge.stream import Stream
from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_edge import BEGINNING, streaming
from tests.waiting import eventually


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_only_the_first_heartbeat_of_a_quiet_stream_takes_a_task(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)
    by_task = list[Stream]()
    send = Stream._send_heartbeat

    async def counted(self: Stream) -> None:
        by_task.append(self)
        await send(self)

    monkeypatch.setattr(Stream, "_send_heartbeat", counted)
    with streaming(hub.client(hub.pair()), BEGINNING) as frames:
        heartbeats = 0
        while heartbeats < 4:
            heartbeats += next(frames).event == "heartbeat"
    assert len(by_task) == 1


@pytest.mark.usefixtures("uncollected")
def test_a_connection_that_ended_is_gone_without_the_collector_of_garbage(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[weakref.ref[Connection]]()
    begin = Connection.connection_made

    def noted(self: Connection, transport: asyncio.Transport) -> None:
        made.append(weakref.ref(self))
        begin(self, transport)

    monkeypatch.setattr(Connection, "connection_made", noted)
    with hub.client(hub.pair()) as agent, streaming(agent, BEGINNING) as frames:
        next(frames)
        assert any(connection() is not None for connection in made)
    eventually(lambda: len(hub.hub.followers) == 0, "the streams are gone", within=30)
    eventually(lambda: sum(each() is not None for each in made) <= 1, "and so are their connections", within=30)


def test_under_another_server_nothing_is_written_past_it() -> None:
    assert not write_at_once({"type": "http"})(b"data")

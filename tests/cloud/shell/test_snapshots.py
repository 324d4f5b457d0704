"""Snapshots at the hub's door: whole, in pieces, made anew when they are too old, and only for who may read them."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from cloud.snapshots import cache, writing
from cloud.snapshots.rows import Fold, View
from cloud.snapshots.writing import Sealing
from domain.protocol import OPERATIONS, SEAL_HEADER, SNAPSHOT, Head
from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_edge import operation
from tests.cloud.snapshots.reading import opened, read

LOG = {"log": "store:S1"}


@pytest.fixture
def agent(hub: RunningHub) -> httpx.Client:
    return hub.client(hub.pair())


def files(hub: RunningHub) -> list[Path]:
    return list((hub.folder / cache.FOLDER).iterdir())


def test_a_snapshot_opens_with_the_key_of_its_answer(hub: RunningHub, agent: httpx.Client) -> None:
    hub.order("A1").raise_for_status()
    answer = agent.get(SNAPSHOT, params=LOG).raise_for_status()
    found = read(answer.content)
    assert found.header.log == "store:S1"
    (record,) = [record for event in found.events for record in event.personal]
    assert "王小明".encode() in opened(record, bytes.fromhex(answer.headers[SEAL_HEADER]))


@pytest.mark.parametrize("begin", [1, 7, 500])
def test_it_goes_on_where_it_broke_off(hub: RunningHub, agent: httpx.Client, begin: int) -> None:
    whole = agent.get(SNAPSHOT, params=LOG)
    etag = whole.headers["ETag"]
    rest = agent.get(SNAPSHOT, params=LOG, headers={"Range": f"bytes={begin}-", "If-Range": etag})
    assert (rest.status_code, rest.headers["ETag"]) == (206, etag)
    assert rest.headers["Content-Range"] == f"bytes {begin}-{len(whole.content) - 1}/{len(whole.content)}"
    assert whole.content[:begin] + rest.content == whole.content
    beyond = {"Range": f"bytes={len(whole.content)}-", "If-Range": etag}
    assert agent.get(SNAPSHOT, params=LOG, headers=beyond).status_code == 416


def test_the_rest_of_another_one_is_the_whole_of_this(hub: RunningHub, agent: httpx.Client) -> None:
    whole = agent.get(SNAPSHOT, params=LOG)
    asked = {"Range": "bytes=9-", "If-Range": '"another"'}
    answer = agent.get(SNAPSHOT, params=LOG, headers=asked)
    assert (answer.status_code, answer.content) == (200, whole.content)


def test_one_serves_until_its_tail_is_too_long(hub: RunningHub, agent: httpx.Client) -> None:
    first = agent.get(SNAPSHOT, params=LOG).headers["ETag"]
    hub.order("A1")
    assert agent.get(SNAPSHOT, params=LOG).headers["ETag"] == first
    for number in range(2, 20):
        hub.order(f"A{number}")
    resumed = agent.get(SNAPSHOT, params=LOG, headers={"Range": "bytes=1-", "If-Range": first})
    assert resumed.status_code == 206, "whoever has half of it gets the other half"
    second = agent.get(SNAPSHOT, params=LOG)
    assert second.headers["ETag"] != first
    assert read(second.content).header.seq > 20
    assert len(files(hub)) == 1


def test_nobody_gets_one_of_before_what_they_know(hub: RunningHub, agent: httpx.Client) -> None:
    """A store that was put back doubts its cursor; its newest order must not be over for an older snapshot's sake."""
    first = read(agent.get(SNAPSHOT, params=LOG).content).header
    hub.order("A1")
    again = read(agent.get(SNAPSHOT, params={**LOG, "least": first.seq}).content).header
    assert again.seq == first.seq
    newer = read(agent.get(SNAPSHOT, params={**LOG, "least": first.seq + 1}).content).header
    assert newer.seq > first.seq
    beyond = read(agent.get(SNAPSHOT, params={**LOG, "least": newer.seq + 1_000}).content).header
    assert beyond.seq == newer.seq, "the log does not go so far"


@pytest.mark.parametrize("kind", ["pick.completed", "from.tomorrow"])
def test_what_a_store_told_since_is_in_what_it_gets(hub: RunningHub, agent: httpx.Client, kind: str) -> None:
    """No event says it: a store that is put back to before it would do it again."""
    order_id = hub.order("A1").json()["hub_order_id"]
    first = agent.get(SNAPSHOT, params=LOG).headers["ETag"]
    agent.post(OPERATIONS, json=[operation(order_id) | {"kind": kind}]).raise_for_status()
    resumed = agent.get(SNAPSHOT, params=LOG, headers={"Range": "bytes=1-", "If-Range": first})
    assert resumed.status_code == 206
    assert agent.get(SNAPSHOT, params=LOG).headers["ETag"] != first


def test_a_restart_leaves_no_file_that_nobody_can_open(hub: RunningHub, agent: httpx.Client) -> None:
    agent.get(SNAPSHOT, params=LOG).raise_for_status()
    assert len(files(hub)) == 1
    hub.stop()
    hub.start()
    assert files(hub) == []


def test_a_store_reads_its_own_log_and_the_chains(hub: RunningHub, agent: httpx.Client) -> None:
    assert agent.get(SNAPSHOT, params={"log": "catalogue"}).status_code == 200
    for other in ("store:S2", "nobody's", ""):
        answer = agent.get(SNAPSHOT, params={"log": other})
        assert (answer.status_code, answer.json()["error"]) == (403, "not_your_log")
    assert hub.client().get(SNAPSHOT, params=LOG).status_code == 401


def test_whoever_asks_while_it_is_made_comes_again(
    hub: RunningHub, agent: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, first_came_away = writing.write, threading.Event()

    def slow(path: Path, head: Head, view: View, fold: Fold, sealing: Sealing, accepts: Mapping[str, int]) -> int:
        first_came_away.wait(60)
        return write(path, head, view, fold, sealing, accepts)

    monkeypatch.setattr(writing, "write", slow)
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0.05)
    answer = agent.get(SNAPSHOT, params=LOG)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    monkeypatch.setattr(cache, "WAIT_SECONDS", 60.0)
    first_came_away.set()
    etag = agent.get(SNAPSHOT, params=LOG).raise_for_status().headers["ETag"]
    assert re.fullmatch('"[0-9a-f]{32}"', etag)
    assert len(files(hub)) == 1, "what was being made for the first was taken for the second"


def test_an_erased_person_is_in_no_file_any_more(hub: RunningHub, agent: httpx.Client) -> None:
    order_id = hub.order("A1").json()["hub_order_id"]
    before = agent.get(SNAPSHOT, params=LOG).raise_for_status()
    assert [event.order_id for event in read(before.content).events if event.personal] == [order_id]
    hub.operator().post(f"/api/orders/{order_id}/erase", json={}).raise_for_status()
    after = agent.get(SNAPSHOT, params=LOG).raise_for_status()
    assert after.headers["ETag"] != before.headers["ETag"]
    assert not any(event.personal for event in read(after.content).events)
    assert len(files(hub)) == 1

"""Events down and operations up, over real connections."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import msgspec
import pytest
from httpx_sse import EventSource, ServerSentEvent, connect_sse
from sqlalchemy import Connection

from cloud import app, eventlog
from cloud.edge import stream
from cloud.vault import Vault
from domain import casting
from domain.events import Event
from domain.ids import uuid7
from domain.operations import PickStarted, encode_body
from domain.protocol import Bye, Confirmed, Cursor, Head, Heartbeat, Page
from tests.cloud.shell.device import Device
from tests.cloud.shell.serving import OTHER_STORE, RunningHub
from tests.waiting import eventually

BEGINNING = "store:S1@:0"


@contextmanager
def streaming(agent: httpx.Client, *after: str) -> Iterator[Iterator[ServerSentEvent]]:
    with connect_sse(agent, "GET", "/edge/stream", params={"after": list(after)}) as source:
        assert isinstance(source, EventSource)
        source.response.raise_for_status()
        yield source.iter_sse()


def events(frames: Iterator[ServerSentEvent], count: int) -> list[tuple[str, Event]]:
    found: list[tuple[str, Event]] = []
    while len(found) < count:
        frame = next(frames)
        if frame.event == "event":
            found.append((frame.id, msgspec.json.decode(frame.data, type=Event)))
    return found


def page(agent: httpx.Client, after: str, **more: int) -> Page:
    answer = agent.get("/edge/events", params={"after": after, **more}).raise_for_status()
    return msgspec.json.decode(answer.content, type=Page)


def test_a_stream_begins_with_a_heartbeat_and_all_that_is_there(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    with streaming(agent, BEGINNING, "catalogue@:0") as frames:
        first = next(frames)
        heads = {head.log: head.seq for head in msgspec.json.decode(first.data, type=Heartbeat).heads}
        assert first.event == "heartbeat"
        found = [event for _, event in events(frames, sum(heads.values()))]
    for log, head in heads.items():
        assert [event.seq for event in found if event.log == log] == list(range(1, head + 1))


@pytest.fixture
def unswept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is heard of nevertheless, was told at once."""
    monkeypatch.setattr(app, "SWEEP_SECONDS", 600.0)


def test_an_order_reaches_the_stream_at_once_with_its_person_beside_it(unswept: None, hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    with streaming(agent, Cursor(head.log, head.log_id, head.seq).text()) as frames:
        assert next(frames).event == "heartbeat"
        hub.order("A1")
        (frame_id, event), *_ = events(frames, 1)
    assert (event.kind, event.seq) == ("order.placed", head.seq + 1)
    assert frame_id == Cursor(head.log, head.log_id, head.seq + 1).text()
    assert b"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e" not in bytes(event.body)
    assert [record.name for record in event.personal] == ["recipient"]


def test_an_older_agent_reads_the_version_it_knows_however_it_follows(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = casting.Casts()
    made.add("order.placed", 1, up=lambda body: body, down=lambda body: {"older": True})
    monkeypatch.setattr(casting, "EVENTS", made)
    device = hub.paired()
    device.accepts = {"order.placed": 0}
    agent = hub.client(hub.speak(device))
    before = page(agent, BEGINNING).head
    hub.order("A1")
    cursor = Cursor(before.log, before.log_id, before.seq).text()
    (pulled, *_) = page(agent, cursor).events
    with streaming(agent, cursor) as frames:
        ((_, streamed), *_) = events(frames, 1)
    for event in (pulled, streamed):
        assert (event.kind, event.v, bytes(event.body)) == ("order.placed", 0, b'{"older":true}')


def test_a_stream_that_is_old_enough_ends_with_a_word(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load spreads again over several hubs, and what a box on the way holds for it is freed."""
    monkeypatch.setattr(stream, "OLDEST_SECONDS", (0.0, 0.0))
    with streaming(hub.client(hub.pair()), BEGINNING) as frames:
        kinds = [next(frames).event, (last := next(frames)).event]
        bye = msgspec.json.decode(last.data, type=Bye)
    assert (kinds, bye.why, bye.retry_from) == (["heartbeat", "bye"], "age", 0.0) and bye.retry_to > 0


def test_a_stream_goes_on_after_its_cursor(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    hub.order("A1")
    hub.order("A2")
    with streaming(agent, Cursor(head.log, head.log_id, head.seq).text()) as frames:
        (_, first), *_ = events(frames, 1)
    hub.order("A3")
    with streaming(agent, Cursor(head.log, head.log_id, first.seq).text()) as frames:
        found = events(frames, 2)
    assert [event.seq for _, event in found] == [first.seq + 1, first.seq + 2]


def test_another_incarnation_is_a_reset(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    assert page(agent, "store:S1@0000:3").reset
    with streaming(agent, "store:S1@0000:3") as frames:
        kinds = {}
        for frame in frames:
            kinds[frame.event] = frame.data
    assert msgspec.json.decode(kinds["reset"], type=Head).log == "store:S1"
    assert msgspec.json.decode(kinds["bye"], type=Bye).why == "reset"


def test_a_long_poll_is_answered_by_news(unswept: None, hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    timer = threading.Timer(0.3, lambda: hub.order("A1"))
    timer.start()
    found = page(agent, Cursor(head.log, head.log_id, head.seq).text(), wait=20)
    timer.join()
    assert found.events[0].kind == "order.placed"


def test_a_long_poll_without_news_is_answered_empty(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    found = page(agent, Cursor(head.log, head.log_id, head.seq).text(), wait=1)
    assert found.events == ()


def test_nothing_on_the_way_may_keep_a_page_or_a_refusal(hub: RunningHub) -> None:
    """It would be given to the store for news, and holds who ordered."""
    answers = [
        hub.client(hub.pair()).get("/edge/events", params={"after": BEGINNING}),
        hub.client().get("/edge/events"),
    ]
    assert [(one.status_code, one.headers.get("cache-control")) for one in answers] == [
        (200, "no-store"),
        (401, "no-store"),
    ]


def test_one_long_poll_waits_for_several_logs(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    heads = [page(agent, f"{log}@:0").head for log in ("store:S1", "catalogue")]
    at = [Cursor(head.log, head.log_id, head.seq).text() for head in heads]
    timer = threading.Timer(0.3, lambda: hub.fill_catalogue(1, "新药"))
    timer.start()
    answer = agent.get("/edge/events", params={"after": at, "wait": 20}).raise_for_status()
    timer.join()
    found = msgspec.json.decode(answer.content, type=Page)
    assert [event.log for event in found.events] == ["catalogue"], "another process wrote it: it is seen by the sweep"


def test_a_page_of_the_catalogue_is_read_once_for_all(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = [hub.client(hub.pair()), hub.client(hub.pair(OTHER_STORE, "device-2"))]
    read: list[Cursor] = []
    whole = eventlog.page

    def counted(connection: Connection, chain: str, vault: Vault, cursor: Cursor, limit: int) -> Page:
        read.append(cursor)
        return whole(connection, chain, vault, cursor, limit)

    monkeypatch.setattr(eventlog, "page", counted)
    pages = [page(agent, "catalogue@:0") for agent in agents]
    assert pages[0] == pages[1] and pages[0].events
    assert len(read) == 1


def test_a_stopping_hub_answers_its_polls(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    stopper = threading.Timer(0.3, hub.stop)
    stopper.start()
    began = time.monotonic()
    assert page(agent, Cursor(head.log, head.log_id, head.seq).text(), wait=20).events == ()
    assert time.monotonic() - began < 15
    stopper.join()
    hub.start()


def test_pages_have_the_asked_size(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    assert [event.seq for event in page(agent, BEGINNING, limit=2).events] == [1, 2]


def test_a_revoked_agent_hears_it_on_its_stream_and_everywhere(hub: RunningHub, operator: httpx.Client) -> None:
    agent = hub.client(hub.pair())
    with streaming(agent, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        operator.post("/api/stores/S1/revoke", json={"why": "lost"}).raise_for_status()
        last = list(frames)[-1]
    assert (last.event, msgspec.json.decode(last.data, type=Bye).why) == ("bye", "revoked")
    for answer in (
        agent.get("/edge/events", params={"after": BEGINNING}),
        agent.get("/edge/stream", params={"after": BEGINNING}),
        agent.post("/edge/operations", json=[]),
    ):
        assert (answer.status_code, answer.json()["error"], answer.json()["message"]) == (403, "revoked", "lost")


def test_pairing_anew_ends_the_old_agents_stream(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    with streaming(agent, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        hub.pair(device="device-2")
        assert list(frames)[-1].event == "bye"


def test_a_stopping_hub_says_bye_with_a_spread(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    with streaming(agent, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        hub.stop()
        bye = msgspec.json.decode(list(frames)[-1].data, type=Bye)
    assert (bye.why, bye.retry_from < bye.retry_to) == ("stopping", True)
    hub.start()
    assert page(agent, BEGINNING).events


def test_a_client_that_left_is_forgotten(hub: RunningHub, operator: httpx.Client) -> None:
    agent = hub.client(hub.pair())
    with streaming(agent, BEGINNING) as frames:
        next(frames)
        assert len(hub.hub.followers) == 1
        assert operator.get("/api/stores").json()[0]["agent"]["online_since"] is not None
    eventually(lambda: len(hub.hub.followers) == 0, "the stream that was left is gone", within=30)
    assert hub.hub.hints.count() == 0
    assert hub.hub.attendance.of("S1").connections == 0


def test_heartbeats_come_in_time(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    with streaming(agent, Cursor(head.log, head.log_id, head.seq).text()) as frames:
        assert [next(frames).event for _ in range(3)] == ["heartbeat"] * 3


def test_a_lost_hint_is_made_good_by_a_heartbeat(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(hub.hub.hints, "publish", lambda logs: None)
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    with streaming(agent, Cursor(head.log, head.log_id, head.seq).text()) as frames:
        next(frames)
        hub.order("A1")
        assert events(frames, 1)[0][1].kind == "order.placed"


@pytest.mark.parametrize(
    ("after", "status", "error"),
    [
        ("store:S2@:0", 403, "not_your_log"),
        ("nonsense", 400, "bad_cursor"),
        ("store:S1@:-1", 400, "bad_cursor"),
    ],
)
def test_a_wrong_cursor_is_told(hub: RunningHub, after: str, status: int, error: str) -> None:
    agent = hub.client(hub.pair())
    for path in ("/edge/events", "/edge/stream"):
        answer = agent.get(path, params={"after": after})
        assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_strangers_are_kept_out(hub: RunningHub) -> None:
    for client in (hub.client(), hub.client("nobody")):
        answer = client.get("/edge/events", params={"after": BEGINNING})
        assert (answer.status_code, answer.json()["error"]) == (401, "session_over")


def operation(order_id: str) -> dict[str, object]:
    body = msgspec.json.decode(encode_body(PickStarted(order_id)))
    key = uuid7(1_767_229_000_000, lambda count: bytes(range(count)))
    return {"key": key, "number": 1, "kind": "pick.started", "v": 1, "at": 1, "body": body, "order_id": order_id}


def test_operations_are_applied_once(hub: RunningHub, operator: httpx.Client) -> None:
    agent = hub.client(hub.pair())
    order_id = hub.order("A1").json()["hub_order_id"]
    for _ in range(2):
        answer = agent.post("/edge/operations", json=[operation(order_id)])
        assert [outcome["state"] for outcome in answer.json()] == ["done"]
    actions = [entry["action"] for entry in operator.get(f"/api/orders/{order_id}").json()["audit"]]
    assert actions.count("pick.started") == 1


def confirmed(number: int, head: Head) -> dict[str, str]:
    return dict(Confirmed(number, Cursor(head.log, head.log_id, head.seq)).query())


def test_nothing_is_taken_above_what_was_confirmed_and_is_not_here(hub: RunningHub) -> None:
    """The hub was put back unnoticed: under a higher number it would never be missed."""
    device = hub.paired()
    agent, order_id = hub.client(hub.speak(device)), hub.order("A1").json()["hub_order_id"]
    before = page(agent, BEGINNING).head
    later = operation(order_id) | {"number": 8}
    answer = agent.post("/edge/operations", params=confirmed(7, before), json=[later])
    assert (answer.status_code, answer.json()["error"]) == (401, "session_over")
    agent = hub.client(hub.speak(device))
    assert page(agent, BEGINNING).head.log_id != before.log_id, "the logs began anew"
    assert device.session(hub.client()).number == 0, "it was not taken"
    assert agent.post("/edge/operations", params=confirmed(0, before), json=[later]).is_success
    assert agent.post("/edge/operations", params=confirmed(8, before), json=[later]).is_success


def test_who_has_more_confirmed_within_the_hour_begins_another_session(hub: RunningHub) -> None:
    """It sends again what is missing; but a broken program does not send the whole chain to its snapshots by the
    second."""
    device = hub.paired()
    order_id = hub.order("A1").json()["hub_order_id"]
    log_ids = []
    for _ in range(3):
        agent = hub.client(hub.speak(device))
        head = page(agent, BEGINNING).head
        log_ids.append(head.log_id)
        answer = agent.post("/edge/operations", params=confirmed(7, head), json=[operation(order_id)])
        assert answer.status_code == 401
    assert log_ids[0] != log_ids[1] == log_ids[2]


@pytest.mark.parametrize(
    ("content", "status", "error"),
    [
        (b"{", 400, "not_understood"),
        (b'[{"key": 1}]', 400, "not_understood"),
        (msgspec.json.encode([operation("x")] * 101), 413, "too_many"),
    ],
)
def test_operations_that_cannot_be_read_are_told(hub: RunningHub, content: bytes, status: int, error: str) -> None:
    answer = hub.client(hub.pair()).post("/edge/operations", content=content)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_report_is_shown_and_survives_a_restart(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    head = page(agent, BEGINNING).head
    report = {
        "device": "device-1",
        "boot": "b",
        "version": "9.9",
        "at": 1,
        "cursors": [{"log": head.log, "log_id": head.log_id, "seq": head.seq}],
        "outbox_depth": 3,
        "outbox_oldest_at": None,
        "printers": [{"name": "前台", "address": "tcp://x", "state": "blocked", "cause": "缺纸"}],
    }
    answer = agent.post("/edge/report", json=report)
    assert (answer.status_code, answer.headers["connection"]) == (204, "close"), "nothing follows it for minutes"
    for _ in range(2):
        shown = hub.operator().get("/api/stores").json()[0]["agent"]
        assert (shown["version"], shown["outbox_depth"], shown["cursor"]) == ("9.9", 3, head.seq)
        assert shown["printers"][0]["cause"] == "缺纸"
        hub.stop()
        hub.start()


def test_pairing_is_slow_to_guess(hub: RunningHub) -> None:
    client = hub.client()
    answers = [Device().pair(client, "0000-0000-0000-0000") for _ in range(11)]
    assert {answer.json()["error"] for answer in answers[:10]} == {"pairing_refused"}
    assert (answers[10].status_code, answers[10].headers["retry-after"]) == (429, "60")


def test_a_code_works_for_one_device(hub: RunningHub, operator: httpx.Client) -> None:
    code = operator.post(f"/api/stores/{OTHER_STORE}/pairing-code").json()["code"]
    assert Device("d").pair(hub.client(), code).json()["store"] == OTHER_STORE
    assert Device("another").pair(hub.client(), code).status_code == 403

"""Who speaks: sessions by a device key over real connections, what is refused, and two computers that are one."""

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud import agents, app, restoring
from cloud.edge import stream
from cloud.tokens import NONCE_LIFE, TOKEN_LIFE
from domain import protocol
from domain.protocol import Cursor, Known, Page, Report
from domain.signatures import SIGNATURE
from tests.cloud.shell.device import Device, InSession
from tests.cloud.shell.serving import OTHER_STORE, STORE, RunningHub
from tests.cloud.shell.test_edge import BEGINNING, operation, page, streaming

PULL = {"after": BEGINNING}


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def pull(client: httpx.Client) -> httpx.Response:
    return client.get(protocol.EVENTS, params=PULL)


def works(hub: RunningHub, device: Device) -> bool:
    return pull(hub.client(hub.speak(device))).is_success


def test_a_session_tells_the_logs_to_follow(hub: RunningHub) -> None:
    reply = hub.paired().session(hub.client())
    assert reply.logs == ("store:S1", "catalogue", "prices", "codes") and reply.expires_in == 1800
    assert (reply.number, reply.key) == (0, "")


def test_a_token_survives_the_hubs_restart(hub: RunningHub) -> None:
    agent = hub.client(hub.pair())
    hub.stop()
    hub.start()
    assert msgspec.json.decode(pull(agent).raise_for_status().content, type=Page).events


def test_a_hub_that_was_put_back_hears_every_agent_anew(hub: RunningHub) -> None:
    """What follows operations that it forgot must not come in a session from before: nobody would learn of those."""
    device = hub.paired()
    agent = hub.client(hub.speak(device))
    assert pull(agent).is_success
    hub.stop()
    hub.beside(lambda tx: restoring.begin_anew(tx, "test"))
    hub.start()
    assert told(pull(agent)) == (401, "session_over")
    assert works(hub, device)


def test_a_token_grows_old_and_the_next_session_is_begun_beside_it(hub: RunningHub) -> None:
    device = hub.paired()
    first, second = hub.client(hub.speak(device)), hub.client(hub.speak(device))
    assert pull(first).is_success and pull(second).is_success
    hub.ahead = TOKEN_LIFE + 1
    assert told(pull(first)) == told(pull(second)) == (401, "session_over")
    assert works(hub, device)


def test_a_nonce_is_good_once(hub: RunningHub) -> None:
    device, client = hub.paired(), hub.client()
    nonce = device.nonce(client)
    assert device.ask(client, nonce).is_success
    assert told(device.ask(client, nonce)) == (401, "session_over")


def test_a_nonce_is_good_for_its_device_and_for_two_minutes(hub: RunningHub) -> None:
    device, other, client = hub.paired(), hub.paired(OTHER_STORE, "device-2"), hub.client()
    assert told(device.ask(client, other.nonce(client))) == (401, "session_over")
    assert told(device.ask(client, "bm9uc2Vuc2U")) == (401, "session_over")
    nonce = device.nonce(client)
    hub.ahead = NONCE_LIFE + 1
    assert told(device.ask(client, nonce)) == (401, "session_over")
    assert works(hub, device)


def test_a_nonce_is_no_token_and_a_token_no_nonce(hub: RunningHub) -> None:
    device, client = hub.paired(), hub.client()
    assert told(pull(hub.client(InSession(device, device.nonce(client))))) == (401, "session_over")
    assert told(device.ask(client, device.session(client).token)) == (401, "session_over")


def test_another_key_gets_no_session(hub: RunningHub) -> None:
    device, client = hub.paired(), hub.client()
    thief = Device(device.name)
    assert told(thief.challenge(client)) == (401, "unknown_key")
    assert told(thief.ask(client, device.nonce(client))) == (401, "unknown_key")
    known = msgspec.json.encode(Known("nobody", device.public_key))
    assert told(client.post(protocol.CHALLENGE, content=known)) == (401, "unknown_key")


def test_only_who_has_the_key_pairs_with_it(hub: RunningHub) -> None:
    device, code = Device(), hub.code()
    public = device.public_key
    device.key = Ed25519PrivateKey.generate()
    body = protocol.PairRequest(code, "device-1", "pc", "1", public)
    content = msgspec.json.encode(body)
    signed = device.signed("POST", protocol.PAIR, code, content)
    assert told(hub.client().post(protocol.PAIR, content=content, headers=signed)) == (403, "not_proven")
    assert Device().pair(hub.client(), code).is_success


@pytest.mark.parametrize("change", ["body", "signature", "none", "path", "query"])
def test_what_was_changed_on_the_way_is_not_done(hub: RunningHub, change: str) -> None:
    """By whoever sits in between, with the token and without the key."""
    speaking, order_id = hub.pair(), hub.order("A1").json()["hub_order_id"]
    body, path = msgspec.json.encode([operation(order_id)]), protocol.OPERATIONS
    signed = speaking.device.signed("POST", "/edge/other" if change == "path" else path, speaking.token, body)
    if change == "signature":
        signed[SIGNATURE] = "00" * 64
    elif change == "none":
        del signed[SIGNATURE]
    changed = body.replace(b'"number":1', b'"number":2') if change == "body" else body
    query = {"x": "1"} if change == "query" else {}
    client = hub.client(speaking.token)
    assert told(client.post(path, content=changed, headers=signed, params=query)) == (401, "session_over")
    assert hub.client(speaking).post(path, content=body).json()[0]["state"] == "done"


def test_a_token_alone_is_not_changed_unseen(hub: RunningHub) -> None:
    token = hub.pair().token
    for wrong in (token[:-4] + "AAAA", "x", token[1:], token + "AA", "ÄÖ"):
        headers = [(b"Authorization", b"Bearer " + wrong.encode("latin-1"))]
        assert told(hub.client().get(protocol.EVENTS, params=PULL, headers=headers)) == (401, "session_over")


# ---- revoked


def test_revoked_is_heard_at_once_and_said(hub: RunningHub, operator: httpx.Client) -> None:
    speaking = hub.pair()
    agent = hub.client(speaking)
    with streaming(agent, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        operator.post(f"/api/stores/{STORE}/revoke", json={"why": "电脑被盗"}).raise_for_status()
        assert list(frames)[-1].event == "bye"
    assert told(pull(agent)) == (403, "revoked") and "电脑被盗" in pull(agent).json()["message"]
    assert told(speaking.device.challenge(hub.client())) == (403, "revoked")


def test_what_another_process_revoked_is_heard_within_a_heartbeat(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (stream, app):
        monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.2)
    hub.stop()
    hub.start()
    agent = hub.client(hub.pair())
    with streaming(agent, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        hub.beside(lambda tx: agents.revoke(tx, STORE, "电脑被盗"))
        assert list(frames)[-1].event == "bye"
    assert told(pull(agent)) == (403, "revoked")


# ---- another key


def test_a_new_key_is_the_only_one(hub: RunningHub) -> None:
    speaking, client = hub.pair(), hub.client()
    device, before = speaking.device, speaking.device.key
    assert device.new_key(client, speaking.token).status_code == 204
    assert told(pull(hub.client(speaking.token))) == (401, "session_over")
    assert told(Device(device.name, before).challenge(client)) == (401, "unknown_key")
    assert works(hub, device)


def test_a_new_key_that_nobody_has_is_not_taken(hub: RunningHub) -> None:
    speaking, client = hub.pair(), hub.client()
    body = msgspec.json.encode(protocol.NewKey(Ed25519PrivateKey.generate().public_key().public_bytes_raw(), b"x" * 64))
    headers = speaking.device.signed("POST", protocol.KEY, speaking.token, body)
    answer = client.post(protocol.KEY, content=body, headers=headers | {"Authorization": f"Bearer {speaking.token}"})
    assert told(answer) == (401, "session_over")
    assert works(hub, speaking.device)


# ---- two computers that are one


def test_a_restart_takes_over_and_the_run_before_is_over(hub: RunningHub) -> None:
    device = hub.paired()
    before = hub.client(hub.speak(device))
    with streaming(before, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        after = hub.client(hub.speak(device.other_run("boot-2")))
        assert list(frames)[-1].event == "bye"
    assert told(pull(before)) == (401, "session_over")
    assert pull(after).is_success


def test_a_late_request_of_the_dead_run_freezes_nobody(hub: RunningHub) -> None:
    device, client = hub.paired(), hub.client()
    nonce = device.nonce(client)  # the computer dies; its request is on the way
    after = hub.speak(device.other_run("boot-2"))
    assert told(device.ask(client, nonce)) == (401, "session_over")
    assert pull(hub.client(after)).is_success


def test_two_that_are_alive_are_frozen_both(hub: RunningHub, operator: httpx.Client) -> None:
    device, client = hub.paired(), hub.client()
    clone = device.other_run("boot-2")
    first, second = hub.client(hub.speak(device)), hub.client(hub.speak(clone))
    with streaming(second, BEGINNING) as frames:
        assert next(frames).event == "heartbeat"
        assert told(device.ask(client, device.nonce(client))) == (403, "frozen")
        assert list(frames)[-1].event == "bye"
    assert told(pull(first)) == told(pull(second)) == (403, "frozen")
    assert told(clone.challenge(client)) == (403, "frozen")
    assert "两台电脑" in operator.get("/api/stores").json()[0]["store"]["frozen_why"]
    assert "已冻结" in operator.get("/stores").text and "解除冻结" in operator.get("/stores").text
    hub.stop()
    hub.start()
    assert told(device.challenge(client)) == (403, "frozen")


def test_a_clone_that_slept_through_many_restarts_is_noticed(hub: RunningHub) -> None:
    """The runs that are remembered have an end; a clone that woke up later counts as new, and the other notices."""
    device, client = hub.paired(), hub.client()
    hub.speak(device)
    for run in range(2, 25):
        last = device.other_run(f"boot-{run}")
        hub.speak(last)
    device.session(client)
    assert told(last.ask(client, last.nonce(client))) == (403, "frozen")


def test_unfrozen_the_next_to_speak_is_the_stores_and_a_second_is_frozen_again(
    hub: RunningHub, operator: httpx.Client
) -> None:
    device, client = hub.paired(), hub.client()
    clone = device.other_run("boot-2")
    hub.speak(device)
    hub.speak(clone)
    assert told(device.ask(client, device.nonce(client))) == (403, "frozen")
    assert operator.post(f"/api/stores/{STORE}/unfreeze").status_code == 204
    assert works(hub, clone)
    assert works(hub, device)
    assert told(clone.ask(client, clone.nonce(client))) == (403, "frozen")


def test_frozen_one_of_them_is_paired_again_and_the_other_is_out(hub: RunningHub) -> None:
    device, client = hub.paired(), hub.client()
    clone = device.other_run("boot-2")
    hub.speak(device)
    hub.speak(clone)
    assert device.ask(client, device.nonce(client)).status_code == 403
    again = Device(device.name, boot="boot-1")
    again.pair(client, hub.code()).raise_for_status()
    assert works(hub, again)
    assert told(clone.challenge(client)) == (403, "revoked")
    assert works(hub, again)


def test_a_proof_takes_no_session_from_the_agent(hub: RunningHub) -> None:
    device, client = hub.paired(), hub.client()
    agent = hub.client(hub.speak(device))
    nonce = device.nonce(client)
    body = msgspec.json.encode(protocol.ProofRequest(device.name, device.public_key, nonce))
    headers = device.signed("POST", protocol.PROOF, nonce, body)
    assert client.post(protocol.PROOF, content=body, headers=headers).status_code == 204
    headers[SIGNATURE] = "11" * 64
    assert told(client.post(protocol.PROOF, content=body, headers=headers)) == (401, "session_over")
    assert pull(agent).is_success


def test_the_newest_operation_is_told_by_life_of_the_data(hub: RunningHub) -> None:
    speaking, order_id = hub.pair(), hub.order("A1").json()["hub_order_id"]
    done = operation(order_id) | {"number": 7}
    hub.client(speaking).post(protocol.OPERATIONS, json=[done]).raise_for_status()
    device = speaking.device
    reply = device.session(hub.client())
    assert (reply.number, reply.key) == (7, done["key"])
    device.incarnation = "life-2"
    assert device.session(hub.client()).number == 0


def test_a_session_that_has_more_confirmed_than_is_here_is_begun_again(hub: RunningHub) -> None:
    """By then the logs began anew."""
    device = hub.paired()
    before = page(hub.client(hub.speak(device)), BEGINNING).head
    device.confirmed, device.cursors = 7, (Cursor(before.log, before.log_id, before.seq),)
    client = hub.client()
    assert told(device.ask(client, device.nonce(client))) == (401, "session_over")
    agent = hub.client(hub.speak(device))
    assert page(agent, BEGINNING).head.log_id != before.log_id


@pytest.mark.parametrize(
    ("confirmed", "incarnation", "is_evidence"),
    [(7, "life-1", False), (8, "life-1", True), (8, "another life", False), (0, "life-1", False)],
)
def test_the_first_report_shows_what_a_hub_put_back_does_not_know(
    hub: RunningHub, confirmed: int, incarnation: str, is_evidence: bool
) -> None:
    speaking, order_id = hub.pair(), hub.order("A1").json()["hub_order_id"]
    agent = hub.client(speaking)
    agent.post(protocol.OPERATIONS, json=[operation(order_id) | {"number": 7}]).raise_for_status()
    before = page(agent, BEGINNING).head
    cursors = (Cursor(before.log, before.log_id, before.seq),)
    report = Report("device-1", "boot-1", "1", 1, cursors, 0, None, incarnation=incarnation, confirmed=confirmed)
    agent.post(protocol.REPORT, content=msgspec.json.encode(report)).raise_for_status()
    now = page(hub.client(hub.speak(speaking.device)), BEGINNING).head
    assert (now.log_id != before.log_id) is is_evidence

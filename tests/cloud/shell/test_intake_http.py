"""What channels send, good and bad: a clear answer to the right party, the raw input kept, the hub still serving."""

import json
import socket

import httpx
import pytest

from cloud import asgi
from tests.cloud.shell.serving import KEY, RunningHub

PAID = {
    "app_id": "4012",
    "timestamp": "1767229000",
    "order_id": "900000000000000001",
    "wm_order_id_view": "900000000000000001",
    "app_poi_code": "mt-1",
    "day_seq": "7",
    "total": "25.00",
    "status": "2",
    "ctime": "1767228990",
    "delivery_time": "0",
    "recipient_name": "测试(先生)",
    "recipient_phone": "13800000000_1234",
    "recipient_address": "测试小区@#某路",
    "caution": "",
    "detail": json.dumps(
        [{"app_medicine_code": "M1", "food_name": "阿莫西林胶囊", "quantity": 2, "price": 12.5, "unit": "盒"}]
    ),
    "extras": "[]",
}


def orders(operator: httpx.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = operator.get("/api/orders").json()["orders"]
    return found


def needing_person(operator: httpx.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = operator.get("/api/pushes", params={"state": "needs_person"}).json()
    return found


def test_a_paid_push_makes_one_order_however_often_it_comes(hub: RunningHub, operator: httpx.Client) -> None:
    for _ in range(3):
        answer = hub.meituan("paid", PAID)
        assert (answer.status_code, answer.json()) == (200, {"data": "ok"})
    (order,) = orders(operator)
    assert (order["day_number"], order["channel"], order["store"]) == (7, "meituan", "S1")


def test_a_bad_signature_makes_nothing_and_is_shown(hub: RunningHub, operator: httpx.Client) -> None:
    answer = hub.meituan("paid", PAID, secret="another")
    assert (answer.status_code, answer.json()["error"]) == (403, "bad_signature")
    assert orders(operator) == []
    assert needing_person(operator) == []
    (rejection,) = operator.get("/api/rejections").json()
    assert (rejection["channel"], rejection["topic"], rejection["address"]) == ("meituan", "paid", "127.0.0.1")
    assert operator.get("/metrics").json()["pushes_rejected"] == 1


def test_broken_json_inside_the_form_is_answered_and_kept(hub: RunningHub, operator: httpx.Client) -> None:
    answer = hub.meituan("paid", {**PAID, "detail": "[{broken"})
    assert answer.json() == {"data": "ok"}
    (push,) = needing_person(operator)
    assert "detail" in str(push["problem"])
    raw = operator.get(f"/api/pushes/{push['push_id']}/raw").json()
    assert "broken" in raw["body"]


@pytest.mark.parametrize("quantity", [-1, 0, 10**9, "many"])
def test_an_absurd_quantity_makes_no_order(hub: RunningHub, operator: httpx.Client, quantity: object) -> None:
    detail = json.dumps([{"app_medicine_code": "M1", "food_name": "x", "quantity": quantity, "price": 1}])
    assert hub.meituan("paid", {**PAID, "detail": detail}).json() == {"data": "ok"}
    assert orders(operator) == []
    assert len(needing_person(operator)) == 1


def test_an_unknown_shop_needs_a_person(hub: RunningHub, operator: httpx.Client) -> None:
    assert hub.meituan("paid", {**PAID, "app_poi_code": "nobody"}).json() == {"data": "ok"}
    (push,) = needing_person(operator)
    assert "nobody" in str(push["problem"])
    assert orders(operator) == []


def test_an_unknown_sku_is_placed_in_doubt(hub: RunningHub, operator: httpx.Client) -> None:
    assert hub.order("A1", {"nobody-knows": 1}).status_code == 200
    assert orders(operator)[0]["in_doubt"] is True
    assert operator.get("/api/exceptions").json()[0]["kind"] == "unknown_product"


def test_a_heartbeat_is_answered_and_not_kept(hub: RunningHub, operator: httpx.Client) -> None:
    assert hub.client().post("/channels/meituan/paid").json() == {"data": "ok"}
    assert needing_person(operator) == []


def test_wrong_encoding_harms_nobody(hub: RunningHub, operator: httpx.Client) -> None:
    answer = hub.client().post("/channels/meituan/paid", content=b"order_id=%FF%FE\xff&sig=1")
    assert answer.status_code == 403
    answer = hub.client(KEY).post("/channels/own/orders", content=b'{"order_id": "\xff"}')
    assert (answer.status_code, answer.json()["error"]) == (422, "not_understood")
    assert len(needing_person(operator)) == 1
    assert hub.order("A1").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("POST", "/channels/nobody/paid", 404, "no_such_channel"),
        ("POST", "/channels/meituan/", 404, "no_such_channel"),
        ("PUT", "/channels/meituan/paid", 405, "wrong_method"),
        ("GET", "/channels/own/orders", 404, "no_such_path"),
        ("GET", "/channels/own/orders/nobody", 404, "unknown_order"),
        ("GET", "/edge/nothing", 404, "no_such_path"),
        ("DELETE", "/edge/events", 405, "wrong_method"),
        ("GET", "/nothing", 404, "no_such_path"),
    ],
)
def test_a_wrong_request_is_told_why(untouched: RunningHub, method: str, path: str, status: int, error: str) -> None:
    answer = untouched.client(KEY).request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_body_beyond_one_mebibyte_is_refused(hub: RunningHub, operator: httpx.Client) -> None:
    answer = hub.client(KEY).post("/channels/own/orders", content=b"x" * ((1 << 20) + 1))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert answer.headers["connection"] == "close"
    assert hub.order("A1").status_code == 200
    assert operator.get("/metrics").json()["requests_refused"] == 1


def test_a_slow_client_is_given_up_and_the_hub_goes_on(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "SLOWEST_BODY_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", hub.port), timeout=60) as slow:
        slow.sendall(b"POST /channels/meituan/paid HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        slow.sendall(b"x")
        assert hub.order("A1").status_code == 200
        said = b"".join(iter(lambda: slow.recv(4096), b""))  # until the hub closes
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"too_slow" in said
    assert b"connection: close" in said.lower()
    assert hub.order("A1").status_code == 200


def test_a_client_that_leaves_in_the_middle_harms_nobody(hub: RunningHub) -> None:
    with socket.create_connection(("127.0.0.1", hub.port)) as half:
        half.sendall(b"POST /channels/meituan/paid HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert hub.order("A1").status_code == 200


def test_the_own_channel_says_what_became_of_it(hub: RunningHub) -> None:
    assert hub.order("A1").json()["result"] == "understood"
    assert hub.order("A1").json()["result"] == "repeated"
    assert hub.client(KEY).get("/channels/own/orders/A1").json()["state"] == "accepted"
    early = hub.client(KEY).post("/channels/own/orders/A9/urge", json={"urge_id": "U1"})
    assert (early.status_code, early.json()["result"]) == (202, "waiting")


@pytest.mark.parametrize("key", ["wrong", ""])
def test_the_own_channel_keeps_strangers_out(hub: RunningHub, key: str) -> None:
    hub.order("A1")
    answer = hub.client().get("/channels/own/orders/A1", headers={"Authorization": f"Bearer {key}"} if key else {})
    assert (answer.status_code, answer.json()["error"]) == (403, "bad_signature")


def test_the_same_id_with_another_body_is_flagged(hub: RunningHub, operator: httpx.Client) -> None:
    hub.order("A1")
    answer = hub.order("A1", {"M2": 3})
    assert (answer.status_code, answer.json()["error"]) == (422, "needs_person")
    assert len(orders(operator)) == 1


def test_the_last_box_is_sold_once(hub: RunningHub, operator: httpx.Client) -> None:
    for number in range(12):
        assert hub.order(f"A{number}").status_code == 200
    short = [order for order in orders(operator) if order["in_doubt"]]
    assert len(short) == 2

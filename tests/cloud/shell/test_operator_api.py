"""What headquarters may see and do; and that nobody else may."""

import json
import threading

import httpx
import pytest
from httpx_sse import connect_sse

from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_intake_http import PAID

READS = ["orders", "orders/x", "stores", "slip-templates", "exceptions", "pushes", "rejections", "activity"]
PAGES = """
/ /orders/o1 /exceptions /stores /untold /pushes /set-aside /erp /fleet /fleet/S1 /?before=%00 /staff /staff/cards
/prescriptions /prescriptions/archive /prescriptions/p1
"""


@pytest.mark.parametrize("path", [*(f"/api/{name}" for name in READS), "/metrics"])
def test_reading_needs_the_token(untouched: RunningHub, path: str) -> None:
    for client in (untouched.client(), untouched.client("wrong")):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error"]) == (401, "not_an_operator")


@pytest.mark.parametrize(
    "path", ["stores/S1/pairing-code", "stores/S1/revoke", "pushes/x/again", "exceptions/x/settle"]
)
def test_changing_needs_the_token(untouched: RunningHub, path: str) -> None:
    assert untouched.client().post(f"/api/{path}", json={}).status_code == 401


def test_setting_how_slips_look_needs_the_token(untouched: RunningHub) -> None:
    assert untouched.client().put("/api/slip-templates", json={}).status_code == 401


def test_how_slips_look_is_set_and_taken_back(operator: httpx.Client) -> None:
    assert operator.get("/api/slip-templates").json() == {"templates": None}
    wanted = {"picking": {"footer": "谢谢"}, "automatic": ["picking"]}
    assert operator.put("/api/slip-templates", json={"templates": wanted}).status_code == 204
    kept = operator.get("/api/slip-templates").json()["templates"]
    assert (kept["picking"]["footer"], kept["automatic"], kept["stop"]["footer"]) == ("谢谢", ["picking"], "")
    answer = operator.put("/api/slip-templates", json={"templates": {"stop": {"without": ["qr"]}}})
    assert answer.status_code == 400 and "cannot be left out" in answer.text
    assert operator.get("/api/slip-templates").json()["templates"] == kept, "nothing of it was taken"
    assert operator.put("/api/slip-templates", json={"templates": None}).status_code == 204
    assert operator.get("/api/slip-templates").json() == {"templates": None}


@pytest.mark.parametrize("path", PAGES.split())
def test_no_page_is_shown_before_the_login(untouched: RunningHub, path: str) -> None:
    answer = untouched.client().get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, "/login")


def test_logging_in_gives_a_cookie_that_is_not_the_token(hub: RunningHub) -> None:
    browser = hub.client()
    assert browser.get("/").headers["location"] == "/login"
    assert browser.post("/api/login", json={"token": "wrong"}).status_code == 401
    answer = browser.post("/api/login", json={"token": hub.secrets.operator_token})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert hub.secrets.operator_token not in cookie
    assert browser.get("/").status_code == 200
    browser.post("/api/logout")
    assert browser.get("/").status_code == 302


def test_a_form_of_another_site_changes_nothing(hub: RunningHub, operator: httpx.Client) -> None:
    answer = operator.post("/api/stores/S1/pairing-code", data={"a": "b"})
    assert (answer.status_code, answer.json()["error"]) == (415, "json_only")


def test_orders_are_found_by_what_riders_shout(hub: RunningHub, operator: httpx.Client) -> None:
    for number in (12, 13):
        hub.order(f"A{number}", day_number=number, placed_at=f"2026-01-01T08:00:{number}+08:00")
    hub.order("B1", day_number=12, shop="shop-2", placed_at="2026-01-01T08:01:00+08:00")

    def found(**wanted: str | int) -> list[tuple[str, int]]:
        orders = operator.get("/api/orders", params=wanted).json()["orders"]
        return [(order["store"], order["day_number"]) for order in orders]

    assert found() == [("S2", 12), ("S1", 13), ("S1", 12)]
    assert found(channel="own", day_number=12) == [("S2", 12), ("S1", 12)]
    assert found(store="S1", day_number=12) == [("S1", 12)]
    assert found(state="placed") == [("S2", 12)]
    assert found(channel="meituan") == []


def test_the_board_is_paged(hub: RunningHub, operator: httpx.Client) -> None:
    for number in range(3):
        hub.order(f"A{number}", day_number=number, placed_at=f"2026-01-01T08:00:0{number}+08:00")
    first = operator.get("/api/orders", params={"limit": 2}).json()
    rest = operator.get("/api/orders", params={"limit": 2, "before": first["next"]}).json()
    assert [order["day_number"] for order in first["orders"] + rest["orders"]] == [2, 1, 0]
    assert rest["next"] is None


def test_one_order_shows_its_person_masked(hub: RunningHub, operator: httpx.Client) -> None:
    order_id = hub.order("A1").json()["hub_order_id"]
    answer = operator.get(f"/api/orders/{order_id}")
    assert answer.json()["person"] == {"name": "王**", "phone": "138****5678", "remark": "打139****1111"}
    for secret in ("王小明", "13812345678", "13900001111"):
        assert secret not in answer.text


def test_an_unknown_order_is_told(operator: httpx.Client) -> None:
    answer = operator.get("/api/orders/nobody")
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_order")


def test_what_was_found_is_counted_and_reserved(hub: RunningHub, operator: httpx.Client) -> None:
    hub.order("A1", {"M1": 12})
    (short,) = operator.get("/api/exceptions").json()
    assert (short["kind"], short["lines"][0]["short"]) == ("short", 2000)
    answer = operator.post(
        f"/api/exceptions/{short['exception_id']}/settle", json={"choice": "found", "found": {"1": 12_000}}
    )
    assert answer.status_code == 204
    assert operator.get("/api/exceptions").json() == []
    line = operator.get(f"/api/orders/{short['order_id']}").json()["lines"][0]
    assert (line["reserved"], line["line"]["short"]) == (12_000, 0)
    agent = hub.client(hub.pair())
    events = agent.get("/edge/events", params={"after": "store:S1@:0"}).json()["events"]
    levels = [event["body"]["on_hand"] for event in events if event["kind"] == "stock.set"]
    assert levels[-1] == 12_000, "its store could not know"


def test_a_choice_that_is_not_offered_is_refused(hub: RunningHub, operator: httpx.Client) -> None:
    hub.order("A1", {"nobody": 1})
    (unknown,) = operator.get("/api/exceptions").json()
    settle = f"/api/exceptions/{unknown['exception_id']}/settle"
    assert operator.post(settle, json={"choice": "found"}).json()["error"] == "refused"
    assert operator.post(settle, json={"choice": "burn"}).status_code == 400
    assert operator.post("/api/exceptions/nobody/settle", json={"choice": "seen"}).status_code == 404
    assert operator.post(settle, json={"choice": "seen"}).status_code == 204


def test_cancelling_an_own_order_gives_it_back(hub: RunningHub, operator: httpx.Client) -> None:
    hub.order("A1", {"nobody": 1})
    (unknown,) = operator.get("/api/exceptions").json()
    with connect_sse(operator, "GET", "/api/activity") as source:
        operator.post(f"/api/exceptions/{unknown['exception_id']}/settle", json={"choice": "cancel"})
        for frame in source.iter_sse():
            if json.loads(frame.data)["action"] == "order.cancelled":
                break
    assert operator.get(f"/api/orders/{unknown['order_id']}").json()["order"]["state"] == "cancelled"


def test_a_kept_push_is_taken_in_again_once_its_cause_is_mended(hub: RunningHub, operator: httpx.Client) -> None:
    hub.order("A1", shop="shop-9")
    (push,) = operator.get("/api/pushes").json()
    assert operator.post(f"/api/pushes/{push['push_id']}/again").json()["state"] == "needs_person"
    hub.bind_shop("own", "shop-9", "S1")
    assert operator.post(f"/api/pushes/{push['push_id']}/again").json()["state"] == "understood"
    assert operator.get("/api/pushes").json() == []
    assert len(operator.get("/api/orders").json()["orders"]) == 1


def test_a_push_nobody_understands_can_be_put_aside(hub: RunningHub, operator: httpx.Client) -> None:
    hub.meituan("paid", {**PAID, "detail": "[{broken"})
    (push,) = operator.get("/api/pushes").json()
    assert operator.post(f"/api/pushes/{push['push_id']}/again").json()["state"] == "needs_person"
    assert operator.post(f"/api/pushes/{push['push_id']}/settled").status_code == 204
    assert operator.get("/api/pushes").json() == []
    assert operator.get("/api/pushes/nobody/raw").json()["error"] == "unknown_push"


def test_activity_tells_what_happens_as_it_happens(hub: RunningHub, operator: httpx.Client) -> None:
    with connect_sse(operator, "GET", "/api/activity") as source:
        timer = threading.Timer(0.1, lambda: hub.order("A1"))
        timer.start()
        frame = next(source.iter_sse())
        timer.join()
    entry = json.loads(frame.data)
    assert (frame.event, entry["store"], entry["action"]) == ("activity", "S1", "order.placed")
    assert {"at", "subject", "detail"} <= entry.keys()


def test_an_order_shows_whether_its_store_has_it(hub: RunningHub, operator: httpx.Client) -> None:
    order_id = hub.order("A1").json()["hub_order_id"]
    assert operator.get(f"/api/orders/{order_id}").json()["order"]["applied"] is None
    agent = hub.client(hub.pair())
    page = agent.get("/edge/events", params={"after": "store:S1@:0"}).json()
    assert operator.get(f"/api/orders/{order_id}").json()["order"]["applied"] is False
    head = page["head"]
    agent.get("/edge/events", params={"after": f"store:S1@{head['log_id']}:{head['seq']}"})
    assert operator.get(f"/api/orders/{order_id}").json()["order"]["applied"] is True

"""/erp over real sockets: the ERP's own token, bulk feeds, documents; what a person does on the page."""

from pathlib import Path

import httpx
import msgspec
import pytest

from cloud import policy
from cloud.cli import main
from domain.operations import Operation, OperationBody, PickCompleted, encode_body
from domain.picks import Binding
from domain.policy import ChainPolicy, ErpDelivery
from domain.quantity import units
from tests.cloud.shell.serving import STORE, RunningHub

SALE = {"store": STORE, "document_id": "POS-1", "sequence": 10, "lines": [{"sku": "M1", "quantity": 2}]}
COUNT = {"store": STORE, "document_id": "C-1", "as_of": 20, "contains": 0, "levels": [{"sku": "M1", "quantity": 7}]}


@pytest.fixture
def hub(hub: RunningHub) -> RunningHub:
    hub.beside(lambda tx: policy.put(tx, ChainPolicy(erp=ErpDelivery.HEADQUARTERS), by="test"))
    return hub


def erp(hub: RunningHub, name: str = "erp-hq") -> httpx.Client:
    made = hub.operator().post("/api/erp/tokens", json={"name": name}).raise_for_status().json()
    return hub.client(made["token"])


def taken(answer: httpx.Response) -> list[str]:
    return [each["taken"] for each in answer.json()["documents"]]


def pack(hub: RunningHub, order: str) -> str:
    """A store packs an order of two boxes."""
    hub.order(order, {"M1": 2}).raise_for_status()
    order_id = str(hub.operator().get("/api/orders").json()["orders"][0]["order_id"])
    body: OperationBody = PickCompleted(order_id, (Binding(1, None, units(2)),))
    operation = Operation(f"key-{order}", 1, body.kind, 1, 1_795_233_600_000, msgspec.Raw(encode_body(body)))
    told = hub.client(hub.pair(device=f"device-{order}")).post(
        "/edge/operations", content=msgspec.json.encode([operation])
    )
    assert told.raise_for_status().json()[0]["state"] == "done"
    return order_id


def test_bulk_feeds_each_answered_for_itself(hub: RunningHub) -> None:
    with erp(hub) as program:
        first = program.post("/erp/sales", json={"documents": [SALE, {**SALE, "store": "S9"}]})
        assert (first.status_code, taken(first)) == (200, ["new", "held"])
        other = {**SALE, "lines": [{"sku": "M1", "quantity": 3}]}
        absurd = {**SALE, "document_id": "POS-2", "lines": [{"sku": "M1", "quantity": -1}]}
        again = program.post("/erp/sales", json={"documents": [SALE, other, absurd]})
        assert (again.status_code, taken(again)) == (409, ["known", "reused", "refused"])
        assert "不合理" in again.json()["documents"][2]["why"]
        assert taken(program.post("/erp/counts", json={"documents": [COUNT]})) == ["new"]
        receipt = {**SALE, "document_id": "RK-1", "sequence": 21, "supplier": "国药"}
        assert taken(program.post("/erp/receipts", json={"documents": [receipt]})) == ["new"]
        broken = program.post("/erp/sales", json={"documents": [{"store": STORE}]})
        assert (broken.status_code, broken.json()["error"]) == (400, "not_understood")


def test_a_packed_order_is_handed_over_until_it_is_acknowledged(hub: RunningHub) -> None:
    order_id = pack(hub, "o-1")
    with erp(hub) as program:
        for _ in range(2):
            answer = program.get("/erp/documents").json()
            ((document,), more) = (answer["documents"], answer["more"])
            assert (document["order_id"], document["store"], document["kind"], more) == (order_id, STORE, "sale", False)
        assert program.get("/erp/documents", params={"store": "S2"}).json()["documents"] == []
        assert program.get("/erp/documents", params={"after": document["number"]}).json()["documents"] == []
        booked = {"documents": [{"number": document["number"], "reference": "XS-1"}, {"number": 5}]}
        said = program.post("/erp/documents/acknowledge", json=booked)
        assert (said.status_code, [each["number"] for each in said.json()["wrong"]]) == (409, [5])
        assert program.get("/erp/documents").json()["documents"] == []
        for number in (10**20, -1):
            beyond = program.post("/erp/documents/acknowledge", json={"documents": [{"number": number}]})
            assert (beyond.status_code, beyond.json()["error"]) == (400, "not_understood")
        assert program.get("/erp/documents", params={"after": 10**20}).status_code == 400


def test_a_refused_document_is_shown_and_handed_over_again_by_a_person(hub: RunningHub) -> None:
    pack(hub, "o-1")
    with erp(hub) as program:
        number = program.get("/erp/documents").json()["documents"][0]["number"]
        refusal = {"documents": [{"number": number, "reason": "商品未建档"}]}
        assert program.post("/erp/documents/refuse", json=refusal).status_code == 200
        assert program.get("/erp/documents").json()["documents"] == []
        operator = hub.operator()
        (wanting,) = operator.get("/api/erp").json()["wanting"]
        assert (wanting["state"], wanting["reason"], wanting["ours"]) == ("refused", "商品未建档", True)
        new = operator.post(f"/api/erp/documents/{number}/again").raise_for_status().json()["number"]
        assert program.get("/erp/documents").json()["documents"][0]["number"] == new > number
        program.post("/erp/documents/refuse", json={"documents": [{"number": new, "reason": "还是没有"}]})
        empty = operator.post(f"/api/erp/documents/{new}/settled", json={"reason": " "})
        assert empty.status_code == 400
        operator.post(f"/api/erp/documents/{new}/settled", json={"reason": "手工录入"}).raise_for_status()
        assert operator.get("/api/erp").json()["wanting"] == []
        assert operator.post(f"/api/erp/documents/{new}/again").status_code == 404


def test_the_token_opens_these_paths_only_and_no_other_opens_them(hub: RunningHub) -> None:
    with erp(hub) as program:
        assert program.get("/erp/documents").status_code == 200
        assert program.get("/api/orders").status_code == 401
        assert hub.operator().get("/erp/documents").status_code == 401
        assert hub.client().get("/erp/documents").status_code == 401
        assert hub.client().get("/erp/schema/openapi.json").status_code == 401
        assert "/erp/sales" in program.get("/erp/schema/openapi.json").json()["paths"]
        hub.operator().post("/api/erp/tokens/revoke", json={"name": "erp-hq"}).raise_for_status()
        assert program.get("/erp/documents").status_code == 401
        (token,) = hub.operator().get("/api/erp/tokens").json()
        assert (token["name"], token["revoked_at"] is None, token["used_at"] is None) == ("erp-hq", False, False)


def test_no_token_lies_in_the_database(hub: RunningHub) -> None:
    with erp(hub) as program:
        token = program.headers["Authorization"].removeprefix("Bearer ")
        assert program.get("/erp/documents").status_code == 200
    files = [path.read_bytes() for path in hub.folder.iterdir() if path.name.startswith("hub.db")]
    assert files and all(token.encode() not in content for content in files)


def test_wrong_tokens_are_slowed_and_right_ones_paced(hub: RunningHub) -> None:
    stranger = hub.client("yl_erp_wrong")
    statuses = {stranger.get("/erp/documents").status_code for _ in range(22)}
    assert statuses == {401, 429}
    with erp(hub) as program:
        assert {program.get("/erp/documents").status_code for _ in range(5)} == {200}


def test_the_commands_make_list_and_revoke_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "hub.toml"
    config.write_text('data = "data"\nport = 1\n', encoding="utf-8")
    assert main(["--config", str(config), "erp", "token", "make", "erp-hq"]) == 0
    assert capsys.readouterr().out.startswith("yl_erp_")
    assert main(["--config", str(config), "erp", "token", "list"]) == 0
    assert "never used" in capsys.readouterr().out
    assert main(["--config", str(config), "erp", "token", "revoke", "erp-hq"]) == 0
    assert main(["--config", str(config), "erp", "token", "revoke", "erp-hq"]) == 1
    assert main(["--config", str(config), "erp", "check"]) == 1
    assert "没有启用" in capsys.readouterr().out

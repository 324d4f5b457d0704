"""Colleagues, roster and policy over the operator's API, and as commands beside no hub and with one running."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from cloud.pages import symbols
from domain.codes import BadgeCode, Command, classify
from domain.times import HOUR
from tests.cloud.shell.serving import CHAIN_FILE, RunningHub
from tests.cloud.shell.test_cli import Done, run

ZHANG = {"staff_id": "zhang", "name": "张三", "roles": ["picker"], "stores": ["S1"]}
WANG = {"staff_id": "wang", "name": "王药师", "roles": ["pharmacist"], "licence": "ZY1"}
MONDAY_EIGHT = 1_795_392_000_000 + 10 * 60 * 60 * 1000
Yaolink = Callable[..., Done]


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Of a chain beside which no hub runs."""
    path, file = tmp_path / "hub.toml", tmp_path / "chain.json"
    path.write_text('data = "data"\nport = 1\n', encoding="utf-8")
    file.write_text(json.dumps(CHAIN_FILE), encoding="utf-8")
    assert run("--config", str(path), "load", str(file)).returncode == 0
    return str(path)


@pytest.fixture(params=["alone", "running"])
def yaolink(request: pytest.FixtureRequest, tmp_path: Path) -> Yaolink:
    """The command, alone with the data and beside a running hub."""
    if request.param == "alone":
        path = request.getfixturevalue("config")
    else:
        hub: RunningHub = request.getfixturevalue("hub")
        path = tmp_path / "running.toml"
        path.write_text(f'data = "{hub.folder}"\nport = {hub.port}\n', encoding="utf-8")
    return lambda *arguments, told="": run("--config", str(path), *arguments, told=told)


def test_colleagues_as_commands(yaolink: Yaolink) -> None:
    assert yaolink("staff", "add", "zhang", "张三", "--role", "picker", "--role", "checker", "--store", "S1").stdout
    assert yaolink("staff", "add", "wang", "王药师", "--role", "pharmacist", "--licence", "ZY1").returncode == 0
    assert yaolink("staff", "add", "li", "李药师", "--role", "pharmacist", "--headquarters").returncode == 0
    badge = yaolink("staff", "badge", "zhang").stdout.strip()
    assert isinstance(classify(badge), BadgeCode)
    assert yaolink("staff", "pin", "wang", told="273645\n").returncode == 0
    assert yaolink("staff", "list").stdout.splitlines() == [
        "li\t李药师\tpharmacist\theadquarters\tno PIN, no badge",
        "wang\t王药师\tpharmacist\tevery store\tPIN",
        "zhang\t张三\tpicker,checker\tS1\tbadge",
    ]
    assert yaolink("staff", "remove", "li").returncode == 0
    assert "li" not in yaolink("staff", "list").stdout
    for wrong, said in (
        (("staff", "remove", "li"), "no colleague 'li'"),
        (("staff", "badge", "nobody"), "no colleague"),
        (("staff", "add", "x", "甲", "--role", "picker", "--store", "S9"), "S9"),
    ):
        done = yaolink(*wrong)
        assert done.returncode == 1 and said in done.stderr
    assert "密码太简单" in yaolink("staff", "pin", "wang", told="123456\n").stderr


def test_the_roster_as_commands(yaolink: Yaolink) -> None:
    yaolink("staff", "add", "wang", "王药师", "--role", "pharmacist")
    when = ("--from", "2026-11-23T08:00", "--to", "2026-11-23T20:00")
    assert yaolink("roster", "add", "wang", "--store", "S1", *when, "--weeks", "2").returncode == 0
    assert yaolink("roster", "show", "--from", "2026-11-29T23:59").stdout == "2026-11-23T08:00–20:00\tS1\twang\n"
    assert "2026-11-30T08:00" in yaolink("roster", "show", "--from", "2026-11-30T00:00").stdout
    done = yaolink("roster", "add", "wang", "--headquarters", *when)
    assert done.returncode == 1 and "on duty at S1 then" in done.stderr
    assert yaolink("roster", "remove", "wang", "--store", "S1", "--from", "2026-11-23T08:00").returncode == 0
    assert "nobody" in yaolink("roster", "show", "--from", "2026-11-23T08:00").stdout
    assert "no time" in yaolink("roster", "show", "--from", "yesterday").stderr


def test_the_policy_as_commands(yaolink: Yaolink, tmp_path: Path) -> None:
    shown = yaolink("policy", "show").stdout
    path = tmp_path / "policy.toml"
    path.write_text(shown.replace("sign_in = false", "sign_in = true"), "utf-8")
    assert yaolink("policy", "set", str(path)).returncode == 0
    assert yaolink("policy", "show").stdout == path.read_text("utf-8") != shown
    path.write_text("sign_inn = true", "utf-8")
    done = yaolink("policy", "set", str(path))
    assert done.returncode == 1 and "unknown key sign_inn" in done.stderr and "did you mean sign_in?" in done.stderr


READS = ["/api/staff", "/api/roster", "/api/policy"]
CHANGES = ["staff", "staff/zhang/remove", "staff/zhang/badge", "staff/zhang/pin", "roster", "roster/remove"]


def test_nobody_but_the_operator(untouched: RunningHub) -> None:
    client = untouched.client("wrong")
    assert {client.get(path).status_code for path in READS} == {401}
    assert {client.post(f"/api/{path}", json={}).status_code for path in CHANGES} == {401}
    assert client.put("/api/policy", json={}).status_code == 401
    assert {client.get(path).headers["location"] for path in ("/staff", "/staff/cards")} == {"/login"}


def test_over_the_api(operator: httpx.Client) -> None:
    for one in (ZHANG, WANG):
        assert operator.post("/api/staff", json=one).status_code == 204
    assert operator.post("/api/staff", json={**ZHANG, "staff_id": "张"}).status_code == 400
    assert operator.post("/api/staff", json={**ZHANG, "roles": []}).status_code == 400
    assert operator.post("/api/staff/nobody/remove", json={}).json()["error"] == "unknown_staff"
    card = operator.post("/api/staff/zhang/badge", json={}).json()
    assert operator.post("/api/staff/zhang/pin", json={"pin": "12"}).status_code == 422
    assert operator.post("/api/staff/zhang/pin", json={"pin": "273645"}).status_code == 204
    answer = operator.get("/api/staff")
    assert [(one["staff_id"], one["pin"], one["badge"]) for one in answer.json()] == [
        ("wang", False, False),
        ("zhang", True, True),
    ]
    assert card["code"] not in answer.text and "argon2" not in answer.text
    shift = {"staff_id": "wang", "store": "S1", "begins_at": MONDAY_EIGHT, "ends_at": MONDAY_EIGHT + 8 * HOUR}
    assert operator.post("/api/roster", json=shift).status_code == 204
    assert operator.post("/api/roster", json={**shift, "store": "S2"}).status_code == 422
    assert [one["store"] for one in operator.get("/api/roster", params={"at": MONDAY_EIGHT}).json()["duties"]] == ["S1"]
    ended = {name: shift[name] for name in ("staff_id", "store", "begins_at")}
    assert operator.post("/api/roster/remove", json=ended).status_code == 204
    answer = operator.put("/api/policy", json={"second_check": "allways"})
    assert answer.status_code == 422 and "always" in answer.json()["hint"]
    assert operator.put("/api/policy", json={"second_check": "always"}).status_code == 204
    assert operator.get("/api/policy").json()["second_check"] == "always"


@pytest.mark.parametrize("text", ["YB0123456789AB", *Command])
@pytest.mark.parametrize("drawn,form", [(symbols.bars, "Code128"), (symbols.qr, "QRCode")])
def test_a_scanner_reads_the_cards(text: str, drawn: Callable[[str], str], form: str) -> None:
    """The paths are drawn by Pillow: rectangles, given as M x y h w v h."""
    svg = drawn(text)
    width, height = (int(side) for side in svg.split('viewBox="0 0 ')[1].split('"')[0].split())
    picture = Image.new("L", (width * 4, height * 4), 255)
    pen = ImageDraw.Draw(picture)
    for piece in svg.split('d="')[1].split('"')[0].split("M")[1:]:
        at, _, size = piece.partition("h")
        x, y = (int(one) for one in at.split())
        wide, _, rest = size.partition("v")
        high = int(rest.partition("h")[0])
        pen.rectangle((x * 4, y * 4, (x + int(wide)) * 4 - 1, (y + high) * 4 - 1), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    assert (found.text, found.format.name) == (text, form)


def test_no_bars_for_what_code_128_cannot_say() -> None:
    with pytest.raises(ValueError):
        symbols.bars("张")
